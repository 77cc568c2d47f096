def twice(n):
    return step(n) * 2


[twice(step(n)) for n in [1, 2]] + [step(5) if step(3) else step(4)]
