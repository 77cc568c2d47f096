# expect: limit calls; calls: 2000; with: files
from pathlib import Path
i = 0
while True:
    i += 1
    Path(f'/overlay/{i}').write_text('')
