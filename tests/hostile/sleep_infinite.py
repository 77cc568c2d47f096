# expect: script OverflowError
import time
time.sleep(float('inf'))
