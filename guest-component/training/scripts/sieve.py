# Integers: sieves, divisors, big numbers, bits.
def primes(limit):
    flags = [True] * (limit + 1)
    flags[0] = flags[1] = False
    number = 2
    while number * number <= limit:
        if flags[number]:
            multiple = number * number
            while multiple <= limit:
                flags[multiple] = False
                multiple += number
        number += 1
    return [number for number, flag in enumerate(flags) if flag]


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def collatz(start):
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


found = primes(30000)
longest = max(range(1, 1500), key=collatz)
coprime = sum(1 for a in range(1, 90) for b in range(a, 90) if gcd(a, b) == 1)
# ---
factorial = 1
for number in range(1, 120):
    factorial *= number
bits = 0
value = 0x2545F491
for _ in range(15000):
    value ^= (value << 13) & 0xFFFFFFFF
    value ^= value >> 17
    value ^= (value << 5) & 0xFFFFFFFF
    bits += bin(value).count('1')
print(len(found), longest, coprime, len(str(factorial)), bits, pow(3, 1000, 10007), divmod(-17, 5))
