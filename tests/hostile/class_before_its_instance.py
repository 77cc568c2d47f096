# expect: value; with: tools
class A:
    def __init__(self):
        self.kind = A

a = A()
back = echo([A, a, {A: [a]}])
assert back[0] is A and type(back[1]) is A, back
[A, a, back]
