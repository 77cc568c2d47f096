# expect: limit duration; duration: 200ms
import time
while True:
    try:
        raise TimeoutError('feed time limit exceeded')
    except TimeoutError:
        pass
