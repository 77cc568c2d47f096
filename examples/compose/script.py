prices = {'coffee': (4.5, 'USD'), 'ramen': (900, 'JPY'), 'pretzel': (2, 'EUR')}
euros = {name: round(convert(amount, currency), 2) for name, (amount, currency) in prices.items()}

print('rates of', RATES_OF)
try:
    convert(1, currency='GBP')
except ValueError as error:
    print(error)

max(euros, key=lambda name: euros[name]), sum(euros.values())
