# expect: limit calls; calls: 1000
while True:
    try:
        import subprocess
    except ImportError:
        pass
