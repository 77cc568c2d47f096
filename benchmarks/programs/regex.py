# Matches and replacements in a text.
import re

line = '2026-11-24T10:00:{} host{} GET /api/v1/items/{}?page={} 200 {}ms\n'
text = ''.join([line.format(i % 60, i % 7, i, i % 13, i % 250) for i in range(3_000)])
pattern = re.compile(r'host(\d) GET /api/v1/items/(\d+)\?page=(\d+) (\d{3}) (\d+)ms')
slow = 0
for host, item, page, status, duration in pattern.findall(text):
    if int(duration) > 200:
        slow += 1
masked = re.sub(r'items/\d+', 'items/N', text)
(slow, len(masked))
