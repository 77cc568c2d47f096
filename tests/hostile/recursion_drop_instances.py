# expect: value
class A:
    def __init__(self, a): self.a = a
a = None
for _ in range(200_000):
    a = A(a)
a = None
1
