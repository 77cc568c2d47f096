# expect: value; with: files
from pathlib import Path
import os
seen = []
for mount in ('/ro', '/rw', '/overlay'):
    for path in ('/up.txt', '/up/secret.txt', '/up', '/sub/up/secret.txt', '/absolute.txt', '/root/etc/passwd', '/root', '/environ', '/loop', '/new'):
        for name, attempt in (('text', lambda p: Path(p).read_text()), ('bytes', lambda p: Path(p).read_bytes()), ('open', lambda p: open(p).read()), ('list', lambda p: os.listdir(p)), ('walk', lambda p: [f for r, d, f in os.walk(p)]), ('glob', lambda p: [str(x) for x in Path(p).rglob('*')])):
            try:
                if result := attempt(mount + path):
                    seen.append((mount + path, name, result))
            except (OSError, ValueError):
                pass
seen
