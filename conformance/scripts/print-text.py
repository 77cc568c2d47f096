print("é€🐍\x00\r\n", end="")
print()
print("x" * 100000, end="")
