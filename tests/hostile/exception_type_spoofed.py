# expect: script ValueError
raise ValueError('Traceback (most recent call last):\n  File "/etc/passwd"\nMemoryError: \x1b[31mred')
