# expect: value
import asyncio
async def f(n): return n
sum(await asyncio.gather(*[f(i) for i in range(5000)]))
