import asyncio

names = ['parser', 'printer']
found = dict(zip(names, await asyncio.gather(*[issues(name) for name in names])))
{name: len(rows) for name, rows in found.items()}
