import asyncio

await asyncio.gather(fetch("a"), fetch("b"), fetch("c"))
