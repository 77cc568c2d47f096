# expect: limit memory
import os
os.urandom(10**9)
