# Floats in nested lists.
import math


def multiply(left, right):
    columns = list(zip(*right))
    return [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in left]


def transposed(matrix):
    return [[matrix[row][column] for row in range(len(matrix))] for column in range(len(matrix[0]))]


def solve(matrix, vector):
    size = len(vector)
    rows = [matrix[index][:] + [vector[index]] for index in range(size)]
    for pivot in range(size):
        best = max(range(pivot, size), key=lambda row: abs(rows[row][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        for row in range(pivot + 1, size):
            factor = rows[row][pivot] / rows[pivot][pivot]
            for column in range(pivot, size + 1):
                rows[row][column] -= factor * rows[pivot][column]
    result = [0.0] * size
    for row in range(size - 1, -1, -1):
        known = sum(rows[row][column] * result[column] for column in range(row + 1, size))
        result[row] = (rows[row][size] - known) / rows[row][row]
    return result


def matrix(size):
    return [[math.sin(row * size + column) + (row == column) * size for column in range(size)] for row in range(size)]


def mandelbrot(width, height, most):
    inside = 0
    for y in range(height):
        for x in range(width):
            re, im, count = 0.0, 0.0, 0
            cr, ci = 3.0 * x / width - 2.0, 2.0 * y / height - 1.0
            while re * re + im * im <= 4.0 and count < most:
                re, im = re * re - im * im + cr, 2.0 * re * im + ci
                count += 1
            inside += count == most
    return inside


product = multiply(matrix(20), transposed(matrix(20)))
solution = solve(matrix(24), [float(index) for index in range(24)])
# ---
def simulated(steps):
    state, velocity, energy = 1.0, 0.0, []
    for step in range(steps):
        force = -state + 0.1 * math.cos(step * 0.01)
        velocity += force * 0.01
        state += velocity * 0.01
        energy.append(0.5 * velocity ** 2 + 0.5 * state ** 2)
    return math.fsum(energy) / len(energy)


print(round(product[3][4], 6), round(sum(solution), 6), mandelbrot(40, 30, 60))
simulated(12000), math.hypot(3.0, 4.0), math.isclose(0.1 + 0.2, 0.3), math.sqrt(2) * math.pi
