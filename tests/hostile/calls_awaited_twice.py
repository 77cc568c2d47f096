# expect: value; with: tools
import asyncio
async def f(): return await pause()
c = f()
await asyncio.gather(c, c)
