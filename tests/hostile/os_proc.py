# expect: script PermissionError; with: files
open('/proc/self/environ').read()
