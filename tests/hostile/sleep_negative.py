# expect: script ValueError
import time
time.sleep(-1)
