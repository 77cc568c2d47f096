import asyncio


async def nap():
    await asyncio.sleep(0.05)
    print("slept")


await asyncio.gather(nap(), fetch("a"))
