def ask():
    return lookup_price("tea")


print("asking")
ask()
