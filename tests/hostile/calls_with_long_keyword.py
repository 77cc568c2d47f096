# expect: script TypeError; with: tools
echo(**{'k' * 1_000_000: 1})
