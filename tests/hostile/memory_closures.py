# expect: limit memory; memory: 16MiB
fs = []
while True:
    fs.append(lambda x=len(fs): x)
