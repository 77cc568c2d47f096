# expect: limit recursion
class A:
    def __enter__(self):
        with A():
            pass
    def __exit__(self, *args): pass
with A():
    pass
