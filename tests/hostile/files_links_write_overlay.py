# expect: value; with: files
from pathlib import Path
import os
seen = []
for mount in ('/overlay',):
    for path in ('/up.txt', '/up/new.txt', '/sub/up/secret.txt', '/absolute.txt', '/root/tmp/x', '/new', '/loop'):
        for name, attempt in (('text', lambda p: Path(p).write_text('x')), ('bytes', lambda p: Path(p).write_bytes(b'x')), ('append', lambda p: open(p, 'a').write('x')), ('mkdir', lambda p: Path(p).mkdir(parents=True))):
            try:
                if result := attempt(mount + path):
                    seen.append((mount + path, name, result))
            except (OSError, ValueError):
                pass
seen
