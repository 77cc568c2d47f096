# expect: limit memory
# What a limit raises inside is told by its text, which a script can write too.
raise MemoryError('memory limit exceeded: 1 bytes > 134217728 bytes')
