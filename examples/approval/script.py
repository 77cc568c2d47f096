# What a model writes to pay invoices: the large ones are for a person to decide.
total = 0
for payee, amount in invoices():
    if amount > 1000 and not approve(payee, amount):
        print('left out:', payee)
        continue
    pay(payee, amount)
    total += amount

f'paid {total} in all'
