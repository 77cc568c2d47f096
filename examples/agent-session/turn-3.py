def titles():
    return [row['title'] for rows in found.values() for row in rows if row['open']]

print(len(titles()), 'are open')
found['lexer']
