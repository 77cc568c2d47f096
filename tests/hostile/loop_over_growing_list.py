# expect: limit memory; memory: 16MiB
xs = [1]
for x in xs:
    xs.append(x)
