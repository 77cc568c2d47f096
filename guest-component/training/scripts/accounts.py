# Objects with methods, exceptions and a ledger.
class Account:
    opened = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []
        Account.opened += 1

    def __repr__(self):
        return f'Account({self.owner!r}, {self.balance})'

    def __lt__(self, other):
        return self.balance < other.balance

    def active(self):
        return len(self.history) > 0

    def fee(self, amount):
        return amount // 100

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f'cannot deposit {amount}')
        self.balance += amount
        self.history.append(('in', amount))
        return self

    def withdraw(self, amount):
        if amount > self.balance:
            raise KeyError(f'{self.owner} {amount}')
        self.balance -= amount + self.fee(amount)
        self.history.append(('out', amount))


people = ['ada', 'bob', 'cy', 'dee', 'eve', 'fay', 'gus']
accounts = [Account(name) for name in people]
refused = 0
for step in range(4000):
    source = accounts[step % 7]
    target = accounts[(step * 3 + 1) % 7]
    try:
        if step % 5 == 0:
            source.deposit(step % 113)
        source.withdraw(step % 59)
        target.deposit(step % 59)
    except KeyError as error:
        refused += 1
        source.history.append(('refused', str(error)))
    except ValueError:
        refused += 1
    finally:
        target.history = target.history[-8:]
# ---
poorest = min(accounts, key=lambda account: account.balance)
described = [repr(account) for account in accounts if account.active()]
totals = {account.owner: account.balance for account in accounts}
print(described, refused, Account.opened, poorest.owner)
totals
