# expect: script TypeError; with: tools
echo(*range(100_000))
