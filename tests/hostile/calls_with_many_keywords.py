# expect: script TypeError; with: tools
echo(**{f'k{i}': i for i in range(10_000)})
