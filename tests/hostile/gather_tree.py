# expect: limit memory; memory: 8MiB
import asyncio
async def f(n):
    await asyncio.gather(*[f(n + 1) for _ in range(10)])
await f(0)
