print("one")
print("two", end="")
step()
