values = [make() for _ in range(12)]
[repr(value) for value in values]
