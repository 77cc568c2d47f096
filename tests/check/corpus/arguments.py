# Arguments of tools: wrong, missing, surplus and misspelt ones reject.
get_weather("Oslo")
get_weather("Oslo", "F")
get_weather("Oslo", unit="F")
get_weather(city="Oslo", unit="K")  # error: invalid-argument-type
get_weather(5)  # error: invalid-argument-type
get_weather(5.5)  # error: invalid-argument-type
get_weather(None)  # error: invalid-argument-type
get_weather(["Oslo"])  # error: invalid-argument-type
get_weather({"city": "Oslo"})  # error: invalid-argument-type
get_weather(town="Oslo")  # error: missing-argument, unknown-argument
get_weather()  # error: missing-argument
get_weather("Oslo", "C", 3)  # error: too-many-positional-arguments
get_weather("Oslo", city="Oslo")  # error: parameter-already-assigned
orders("Ann", 5)  # error: too-many-positional-arguments
orders("Ann", limit="many")  # error: invalid-argument-type
tags("red")  # error: invalid-argument-type
tags(["red", "blue"])
tags([1, 2])  # warning: invalid-argument-type
mail.send("ann@example.org", "Hello")
mail.send("ann@example.org")  # error: missing-argument
mail.send(to="ann@example.org", title="Hello")  # error: missing-argument, unknown-argument
save({"id": 1, "customer": "Ann", "lines": []})
save({"id": 1})  # error: missing-typed-dict-key, missing-typed-dict-key  # warning: invalid-argument-type
save(get_weather)  # error: invalid-argument-type


def report(city: str) -> str:
    weather = get_weather(citty=city)  # error: missing-argument, unknown-argument
    return weather["city"]
