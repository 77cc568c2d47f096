# expect: limit duration; duration: 200ms
# The clock is looked at rarely while instructions are fast, and they turn slow.
for i in range(100_000):
    pass
text = 'x' * 1_000_000
while True:
    longer = text + 'y'
