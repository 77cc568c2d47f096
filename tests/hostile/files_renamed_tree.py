# expect: value; with: files
from pathlib import Path
for i in range(10):
    Path(f'/overlay/tree/{i}' + '/d' * 100).mkdir(parents=True)
for i in range(100):
    Path('/overlay/tree').rename('/overlay/moved')
    Path('/overlay/moved').rename('/overlay/tree')
len(list(Path('/overlay/tree').iterdir()))
