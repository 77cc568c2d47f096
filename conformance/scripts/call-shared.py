row = [1]
take(row, [row, row], other=row)
