f = fetch
[f(1), f(2)]
