# A document of 1 MB, written and read.
import json

rows = [
    {
        'id': i,
        'name': f'product {i}',
        'price': i * 1.25,
        'active': i % 3 == 0,
        'tags': ['new', 'sale', 'öl'],
        'owner': {'id': i % 100, 'email': f'user{i % 100}@example.com'},
    }
    for i in range(7_000)
]
text = json.dumps(rows)
back = json.loads(text)
(len(text), back == rows)
