# expect: script OSError; with: files
from pathlib import Path
for i in range(20):
    Path(f'/overlay/{i}').write_text('a' * 10_000_000)
