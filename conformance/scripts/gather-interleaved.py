import asyncio


async def work(name):
    first = await fetch(name)
    print("first", name)
    second = await fetch(first)
    print("second", name)
    return second


await asyncio.gather(work("a"), work("b"))
