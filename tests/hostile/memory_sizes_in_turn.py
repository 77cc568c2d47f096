# expect: value; memory: 16MiB
# What is freed in one size serves the others, or linear memory would grow past its cap.
length = 0
for size in range(100, 500, 24):
    kept = ['x' * (size + i % 2) for i in range(8_000_000 // (size + 60))]
    length += len(kept)
    kept = None
length
