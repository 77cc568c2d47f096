# expect: limit recursion
async def f():
    return await f()
await f()
