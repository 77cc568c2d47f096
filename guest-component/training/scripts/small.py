# What most scripts of a model are: a few lines over a few values.
prices = {'apple': 0.5, 'pear': 0.75, 'plum': 0.3}
basket = [('apple', 4), ('plum', 10), ('pear', 2)]
bill = sum(prices[name] * count for name, count in basket)
lines = [f'{name}: {count} x {prices[name]:.2f}' for name, count in basket]
# ---
def discounted(amount, percent=10):
    return round(amount * (100 - percent) / 100, 2)


due = discounted(bill)
# ---
words = 'It was a bright cold day in April'.split()
longest = max(words, key=len)
initials = ''.join(word[0] for word in words)
# ---
try:
    [1, 2, 3][7]
except IndexError as error:
    caught = str(error)
# ---
due, lines, longest, initials, caught, sorted(words), 1 + 1, {'nested': [True, None, (1, 2.5)]}
