async def shout(url):
    text = await fetch(url)
    return text.upper()


await shout("a")
