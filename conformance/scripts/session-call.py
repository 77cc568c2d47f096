def add(a, b=10, *, c=0):
    return a + b + c


async def page(url):
    return await fetch(url)
# %%
add(0)
