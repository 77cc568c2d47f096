# expect: limit recursion
f = 0
f⟦32000 × ()⟧
