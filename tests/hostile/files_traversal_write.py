# expect: value; with: files
from pathlib import Path
import os
seen = []
for mount in ('/ro', '/rw', '/overlay'):
    for path in ('/../outside/secret.txt', '/sub/../../outside/new.txt', '/../outside/new', '/..'):
        for name, attempt in (('text', lambda p: Path(p).write_text('x')), ('bytes', lambda p: Path(p).write_bytes(b'x')), ('append', lambda p: open(p, 'a').write('x')), ('mkdir', lambda p: Path(p).mkdir(parents=True)), ('unlink', lambda p: Path(p).unlink()), ('rename', lambda p: os.rename(p, p + '.moved'))):
            try:
                if result := attempt(mount + path):
                    seen.append((mount + path, name, result))
            except (OSError, ValueError):
                pass
seen
