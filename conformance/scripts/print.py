import sys

print("a", 1, sep="-", end="")
print("b")
step(1)
print("to stderr", file=sys.stderr)
print("c")
step(2)
print("the end", end="")
