# expect: limit memory; memory: 16MiB
import copy
xs = [[i] for i in range(1000)]
while True:
    xs.append(copy.deepcopy(xs))
