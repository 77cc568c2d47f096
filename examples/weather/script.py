# What a model writes to compare two cities: one script instead of two tool calls.
london = get_weather('London')
tokyo = get_weather(city='Tokyo', unit='F')

print('asked for', london['city'], 'and', tokyo['city'])

f"{london['city']}: {london['temperature']}°C, {tokyo['city']}: {tokyo['temperature']}°F"
