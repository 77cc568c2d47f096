# expect: script TypeError; with: tools
import asyncio
async def f(): return await pause()
await asyncio.gather(*[f() for _ in range(5000)])
