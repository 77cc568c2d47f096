# expect: limit memory; memory: 32MiB
import csv
class Sink:
    def __init__(self): self.rows = []
    def write(self, text): self.rows.append(text)
writer = csv.writer(Sink())
while True:
    writer.writerow(['a' * 100_000])
