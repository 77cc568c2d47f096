# expect: source
f = 1
⟦5000 × f(⟧1⟦5000 × )⟧
