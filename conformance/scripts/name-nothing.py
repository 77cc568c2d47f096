seen = []
for _ in range(2):
    try:
        seen.append(limit)
    except NameError as error:
        seen.append(str(error))
seen
