# The same, kept by the host in its general form.
data = rows()
for i in range(100):
    take_value(data)
len(data)
