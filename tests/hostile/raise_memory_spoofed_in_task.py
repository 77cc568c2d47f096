# expect: script MemoryError
# A task hands on what it raised.
import asyncio

async def task():
    raise MemoryError('memory limit exceeded: 1 bytes > 134217728 bytes')

async def other():
    return 1

await asyncio.gather(other(), task())
