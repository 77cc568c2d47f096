# expect: script TypeError; with: tools
rows = [[i] for i in range(20_000)]
deep = rows
for _ in range(900):
    deep = [deep]
echo(deep, *rows)
