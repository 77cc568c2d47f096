# expect: limit duration; duration: 200ms
class A:
    def __iter__(self): return self
    def __next__(self): return 1
for x in A():
    pass
