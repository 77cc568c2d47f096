# expect: limit duration; duration: 200ms
class A:
    def __hash__(self): return 1
    def __eq__(self, other): return False
d = {}
while True:
    d[A()] = 1
