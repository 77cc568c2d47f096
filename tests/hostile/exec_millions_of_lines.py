# expect: limit duration; duration: 200ms; grace: 100ms; memory: 2048MiB
exec('x = 1\n' * 3_000_000)
