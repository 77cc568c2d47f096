# expect: limit calls
import time
while True:
    time.sleep(0)
