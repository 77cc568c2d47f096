import asyncio


async def nap():
    await asyncio.sleep(0.01)
    print("slept")


await asyncio.gather(nap(), fetch("a"))
