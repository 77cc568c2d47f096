# expect: script TimeoutError
import asyncio
await asyncio.sleep(10**9)
