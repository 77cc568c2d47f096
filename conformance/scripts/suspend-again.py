first = approve(1)
note(first)
second = approve(2)
[first, second]
