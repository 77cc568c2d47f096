# expect: limit recursion
from dataclasses import dataclass
@dataclass
class A:
    a: object
x = y = None
for _ in range(100_000):
    x, y = A(x), A(y)
x == y
