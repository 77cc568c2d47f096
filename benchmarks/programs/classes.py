# Instances, their attributes and methods.
class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance
        self.history = 0

    def deposit(self, amount):
        self.balance += amount
        self.history += 1
        return self

    def fee(self):
        return self.balance // 100


total = 0
for i in range(20_000):
    account = Account(i, 1_000)
    account.deposit(i).deposit(5)
    total += account.balance - account.fee() + account.history
total
