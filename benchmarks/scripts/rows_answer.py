# 100 dicts of 5 fields as an answer.
data = rows()
for i in range(100):
    rows()
len(data)
