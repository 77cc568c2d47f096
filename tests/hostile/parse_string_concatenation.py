# expect: value
len(⟦20000 × "a" ⟧"b")
