# expect: script TimeoutError; calls: 1000
import time
while True:
    time.sleep(0.000_001)
