# expect: limit memory; memory: 16MiB
class A:
    def __init__(self, a): self.a = a
a = None
while True:
    a = A(a)
