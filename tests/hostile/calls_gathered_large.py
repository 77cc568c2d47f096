# expect: limit host-memory; with: tools; host-memory: 32MiB
import asyncio
x = 'a' * 4_000_000
await asyncio.gather(*[later(x) for _ in range(20)])
