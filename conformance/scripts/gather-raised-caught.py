import asyncio


async def careful(name):
    try:
        return await fetch(name)
    except OSError as error:
        return "failed: " + str(error)


await asyncio.gather(careful("a"), careful("b"))
