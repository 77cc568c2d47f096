# Results of tools: unknown keys, attributes and operators reject.
weather = get_weather("Oslo")
print(weather["celsius"] + 1, weather.get("wind", 0.0))
print(weather["temperature"])  # error: invalid-key
print(weather.celsius)  # error: unresolved-attribute
print(weather["city"].celsius)  # error: unresolved-attribute
print(weather["city"] + 5)  # error: unsupported-operator
weather["note"] = "windy"  # warning: invalid-key
print("wind" in weather, len(weather), sorted(weather))

for order in orders("Ann"):
    print(order["id"], order["total"])  # error: invalid-key
    for line in order["lines"]:
        print(line["item"].upper(), line["prize"])  # error: invalid-key

names = [order["name"] for order in orders("Ann")]  # error: invalid-key
by_id = {order["id"]: order for order in orders("Ann")}
print(by_id[1]["customer"].title(), by_id[1]["client"])  # error: invalid-key

user = find_user("Ann")
print(user.name, user.age + 1)
print(user.surname)  # error: unresolved-attribute
print(user["name"])  # error: not-subscriptable
print(user.email.lower())  # warning: unresolved-attribute
perhaps = maybe_user("Ann")
print(perhaps.name)  # warning: unresolved-attribute
if perhaps is not None:
    print(perhaps.name, perhaps.surname)  # error: unresolved-attribute

counts = tags(["red"])
print(counts["red"] + 1, max(counts.values()))
print(counts["red"]["blue"])  # error: not-subscriptable
for letter in counts["red"]:  # error: not-iterable
    pass
