# Backtracking: recursion, sets and lists of lists.
def queens(size):
    found = []
    columns, rising, falling = set(), set(), set()
    placed = []

    def place(row):
        if row == size:
            found.append(tuple(placed))
            return
        for column in range(size):
            if column in columns or row + column in rising or row - column in falling:
                continue
            columns.add(column)
            rising.add(row + column)
            falling.add(row - column)
            placed.append(column)
            place(row + 1)
            placed.pop()
            columns.discard(column)
            rising.discard(row + column)
            falling.discard(row - column)

    place(0)
    return found


def hanoi(count, source, target, spare, moves):
    if count == 0:
        return moves
    moves = hanoi(count - 1, source, spare, target, moves)
    return hanoi(count - 1, spare, target, source, moves + 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(len(queens(7)), hanoi(12, 'a', 'b', 'c', 0), ackermann(2, 60))
# ---
board = queens(6)[0]
'\n'.join(''.join('Q' if column == at else '.' for column in range(6)) for at in board)
