# expect: limit recursion
x = 0
x⟦32000 × .real⟧
