# expect: limit recursion
class A:
    def __str__(self): return f'{self}'
f'{A()}'
