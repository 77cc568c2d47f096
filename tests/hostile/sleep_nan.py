# expect: script ValueError
import time
time.sleep(float('nan'))
