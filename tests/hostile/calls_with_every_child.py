# expect: script TypeError; with: tools
# Each value is in the dict and an argument of its own.
rows = {i: [i] for i in range(100_000)}
echo(rows, *rows.values())
