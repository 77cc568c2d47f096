# expect: value; memory: 16MiB
# What is freed in one size serves the others, or linear memory would grow past its cap.
length = 0
for size in range(1, 500, 16):
    kept = ['x' * size + str(i) for i in range(6_000_000 // (size + 150))]
    length += len(kept)
    kept = None
length
