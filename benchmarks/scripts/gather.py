# 100 async tools awaited together.
import asyncio

sum(await asyncio.gather(*[add_later(n, 1) for n in range(100)]))
