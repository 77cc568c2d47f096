# expect: limit calls; calls: 100; memory: 512MiB
import os
while True:
    os.urandom(10_000)
