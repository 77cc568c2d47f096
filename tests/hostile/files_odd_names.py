# expect: value; with: files
from pathlib import Path
import os
seen = []
for mount in ('/ro', '/rw', '/overlay'):
    for path in ('/\0', '/hello.txt\0.png', '/' + 'a' * 5000, '/a' * 3000, '/\ud800' if False else '/\u202e', '/CON', '/hello.txt/', '/hello.txt/.', '/hello.txt/..', '/ '):
        for name, attempt in (('text', lambda p: Path(p).read_text()), ('bytes', lambda p: Path(p).read_bytes()), ('open', lambda p: open(p).read())):
            try:
                if result := attempt(mount + path):
                    seen.append((mount + path, name, result))
            except (OSError, ValueError):
                pass
seen
