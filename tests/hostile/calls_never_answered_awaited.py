# expect: limit wait-duration; with: tools; wait: 200ms
import asyncio
await asyncio.gather(*[never(i) for i in range(50)])
