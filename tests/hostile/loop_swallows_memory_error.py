# expect: limit memory; memory: 16MiB
kept = []
while True:
    try:
        kept.append('a' * 1_000_000)
    except BaseException:
        pass
