import asyncio

await asyncio.gather(approve("a"), approve("b"))
