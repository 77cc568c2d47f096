# expect: script OSError; with: files
from pathlib import Path
path = '/overlay'
while True:
    path += '/a'
    Path(path).mkdir()
