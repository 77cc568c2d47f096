first, second = make()
first.append(1)
[second, first is second]
