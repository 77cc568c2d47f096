# expect: limit calls; calls: 3000; with: files
from pathlib import Path
i = 0
while True:
    i += 1
    Path(f'/overlay/{i}/{i}/{i}').mkdir(parents=True)
    Path(f'/overlay/{i}/{i}/{i}').rmdir()
