# expect: limit memory
text = '\u0390' * 30_000_000
kept = [text.encode(), text.encode()]
kept.append(text + text)
