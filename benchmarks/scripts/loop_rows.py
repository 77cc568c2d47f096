# Rows fetched once, and a loop of 100: what the loops around rows are compared with.
data = rows()
for i in range(100):
    None
len(data)
