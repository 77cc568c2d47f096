import asyncio

items = ['tea', 'coffee']
prices = await asyncio.gather(*[price(item) for item in items])
cheapest = items[prices.index(min(prices))]
order(cheapest, note='for the office')
