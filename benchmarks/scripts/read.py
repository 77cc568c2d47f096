# A file of 100 bytes read.
from pathlib import Path

for i in range(1_000):
    Path('/data/note.txt').read_text()
