# Text: tables, padding, numbers in words of a report.
ones = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
tens = ['', 'ten', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']


def spoken(number):
    parts = []
    if number >= 1000:
        parts.append(spoken(number // 1000) + ' thousand')
        number %= 1000
    if number >= 100:
        parts.append(ones[number // 100] + ' hundred')
        number %= 100
    if number >= 10:
        parts.append(tens[number // 10])
        number %= 10
    if number:
        parts.append(ones[number])
    return ' '.join(parts)


def table(rows, headers):
    widths = [len(header) for header in headers]
    for row in rows:
        for index, cell in enumerate(row):
            widths[index] = max(widths[index], len(str(cell)))
    lines = ['  '.join(header.ljust(width) for header, width in zip(headers, widths))]
    lines.append('-' * len(lines[0]))
    for row in rows:
        lines.append('  '.join(str(cell).rjust(width) for cell, width in zip(row, widths)))
    return '\n'.join(lines)


rows = [(number, spoken(number).capitalize(), number * 0.37, f'{number:05d}') for number in range(1, 1300, 2)]
text = table(rows, ['number', 'words', 'price', 'code'])
# ---
summary = []
for number, words, price, code in rows:
    summary.append(f'{code}: {words:<30}|{price:10.3f}|{number:>6x}|{price / 300:.1%}')
    if number % 10 == 1:
        summary.append('{} has {} letters'.format(words, len(words)))
        summary.append('%s costs %.2f, %d' % (words.upper(), price, number))
print('\n'.join(summary[:40]))
titled = [line.strip().title().swapcase() for line in text.splitlines()]
len(text), len('\n'.join(summary)), titled[2], str(rows[:3]), repr(titled[5]), f'{rows[1]!r:>40}'
