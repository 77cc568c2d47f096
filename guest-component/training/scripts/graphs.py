# Dicts, sets, deques and tuples: searches in graphs.
from collections import Counter, defaultdict, deque


def grid(width, height):
    edges = defaultdict(list)
    for x in range(width):
        for y in range(height):
            if (x * 7 + y * 3) % 5 == 0:
                continue
            for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
                nx, ny = x + dx, y + dy
                if 0 <= nx < width and 0 <= ny < height and (nx * 7 + ny * 3) % 5 != 0:
                    edges[(x, y)].append((nx, ny))
    return edges


def distances(edges, start):
    seen = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbour in edges[node]:
            if neighbour not in seen:
                seen[neighbour] = seen[node] + 1
                queue.append(neighbour)
    return seen


def components(edges):
    left = set(edges)
    found = []
    while left:
        reached = set(distances(edges, left.pop()))
        found.append(reached)
        left -= reached
    return found


def topological(needs):
    order, done, doing = [], set(), set()

    def visit(name):
        if name in done:
            return
        if name in doing:
            raise ValueError(f'{name} needs itself')
        doing.add(name)
        for need in needs.get(name, ()):
            visit(need)
        doing.remove(name)
        done.add(name)
        order.append(name)

    for name in needs:
        visit(name)
    return order


edges = grid(32, 32)
far = distances(edges, (1, 0))
parts = components(edges)
# ---
needs = {f'task{index}': [f'task{index // 2}', f'task{index // 3}'] for index in range(5, 700)}
order = topological(needs)
lengths = Counter(far.values())
pairs = {frozenset((a, b)) for a in edges for b in edges[a]}
merged = {**{name: len(name) for name in order}, **dict.fromkeys(['extra'], 0)}
inverse = {}
for name, length in merged.items():
    inverse.setdefault(length, []).append(name)
print(len(parts), max(far.values()), lengths.most_common(3), len(pairs), {key: len(names) for key, names in inverse.items()})
