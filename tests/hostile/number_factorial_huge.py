# expect: script OverflowError
import math
math.factorial(10**30)
