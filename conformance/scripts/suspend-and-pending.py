import asyncio


async def shout(name):
    return (await fetch(name)).upper()


await asyncio.gather(approve("a"), shout("b"))
