def titles():
    for rows in found.values():
        for row in rows:
            if row['open']:
                yield row['title']

list(titles())
