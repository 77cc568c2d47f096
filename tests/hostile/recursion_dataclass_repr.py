# expect: value
from dataclasses import dataclass
@dataclass
class A:
    a: object
x = None
for _ in range(100_000):
    x = A(x)
repr(x)
