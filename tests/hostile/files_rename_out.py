# expect: value; with: files
import os
seen = []
for mount in ('/ro', '/rw', '/overlay'):
    for source, target in (('/hello.txt', '/../outside/x'), ('/hello.txt', '/up/x'), ('/up/secret.txt', '/stolen.txt'), ('/../outside/secret.txt', '/stolen.txt')):
        try:
            seen.append((mount, source, target, os.rename(mount + source, mount + target)))
        except OSError:
            pass
    for other in ('/ro', '/rw', '/overlay'):
        if other != mount:
            try:
                seen.append((mount, other, os.rename(mount + '/up.txt', other + '/moved.txt')))
            except OSError:
                pass
seen
