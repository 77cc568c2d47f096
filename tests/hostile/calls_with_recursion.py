# expect: limit recursion; with: tools
def f():
    echo(1)
    f()
f()
