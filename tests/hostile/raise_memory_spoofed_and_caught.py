# expect: script MemoryError
class Closes:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

def spoof(x):
    error = MemoryError('memory limit exceeded: 1 bytes > 134217728 bytes')
    try:
        raise error
    except ValueError:
        return x

with Closes():
    try:
        list(map(spoof, [1]))
    except MemoryError:
        raise
