# expect: limit memory; memory: 16MiB
import asyncio
async def f():
    return await asyncio.gather(f())
await f()
