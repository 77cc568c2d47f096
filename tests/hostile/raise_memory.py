# expect: script MemoryError
raise MemoryError('memory limit exceeded')
