# Strings: editing, searching, encoding, Unicode.
paragraph = (
    'Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, '
    'and nothing particular to interest me on shore, I thought I would sail about a little and see the watery '
    'part of the world. Größe, naïveté, 東京 and ελλάδα are not ASCII. '
)


def caesar(text, shift):
    out = []
    for character in text:
        if 'a' <= character <= 'z':
            out.append(chr((ord(character) - 97 + shift) % 26 + 97))
        elif 'A' <= character <= 'Z':
            out.append(chr((ord(character) - 65 + shift) % 26 + 65))
        else:
            out.append(character)
    return ''.join(out)


def distance(left, right):
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def wrapped(text, width):
    lines, line = [], ''
    for word in text.split(' '):
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = line + ' ' + word if line else word
    lines.append(line)
    return lines


secret = caesar(paragraph * 6, 3)
plain = caesar(secret, 23)
lines = wrapped(paragraph * 20, 60)
near = sorted((distance('particular', word), word) for word in set(paragraph.lower().split()))
# ---
sentences = [sentence.strip(' .') for sentence in (paragraph * 30).split('.') if sentence.strip()]
letters = {}
for character in paragraph * 10:
    letters[character] = letters.get(character, 0) + 1
shouted = [sentence.upper().replace('A', '@').center(120, '*') for sentence in sentences]
found = [(sentence.find('little'), sentence.count('e'), sentence.startswith('Call'), 'sail' in sentence) for sentence in sentences]
data = paragraph.encode()
reversed_words = ' '.join(reversed(paragraph.split()))
pairs = [a + b for a, b in zip(paragraph, paragraph[1:])]
built = ''
for index in range(1500):
    built += paragraph[index % len(paragraph)] + str(index)
assert plain == paragraph * 6 and data.decode() == paragraph
print(len(lines), near[:3], len(shouted), found[1], len(built), paragraph[::-1][:20], len(set(pairs)), len(letters))
