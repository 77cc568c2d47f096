# 100 dicts of 5 fields as an argument.
data = rows()
for i in range(100):
    take(data)
len(data)
