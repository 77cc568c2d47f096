# Words counted: splitting, lower case, dicts of texts.
sentence = 'The quick brown fox jumps over the lazy dog while a Second fox watches from the hill'
text = ' '.join([f'{sentence} number {i % 50}' for i in range(1_500)])
counts = {}
for word in text.split():
    word = word.lower().strip('.,')
    counts[word] = counts.get(word, 0) + 1
common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
(len(counts), common[0], common[1])
