# expect: limit recursion
a = []
a.append(a)
b = []
b.append(b)
a == b
