# expect: limit duration; duration: 200ms; grace: 100ms
import asyncio
async def f():
    while True:
        await asyncio.sleep(0)
await asyncio.gather(f(), f())
