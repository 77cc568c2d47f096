# Awaits: a missing one rejects, and so does a surplus one, but for a call, which the
# interpreter answers with the value.
import asyncio

text = await fetch("https://example.org")
print(text.upper())
fetch("https://example.org")  # error: unused-awaitable
missing = fetch("https://example.org")
print(missing.upper())  # error: unresolved-attribute
length = len(await fetch("https://example.org"))
weather = await get_weather("Oslo")
print(weather["city"])
order = lookup(5)
print(order["customer"])  # error: not-subscriptable
first, second = await asyncio.gather(lookup(1), lookup(2))
print(first["customer"], second["id"])
print(first["costumer"])  # error: invalid-key
pages = await asyncio.gather(*[fetch(url) for url in ["a", "b"]])
print(pages[0].lower())
print(pages[0] + 1)  # error: unsupported-operator


async def total():
    one = await lookup(1)
    return sum(line["price"] for line in one["lines"])


print(await total())
