# expect: script MemoryError
# What a limit raises is told by its text, which a script can write too, and by
# where it is raised: a limit raises in the middle of an expression.
raise MemoryError('memory limit exceeded: 1 bytes > 134217728 bytes')
