', '.join(sorted(titles()))
