# expect: script KeyboardInterrupt
raise KeyboardInterrupt
