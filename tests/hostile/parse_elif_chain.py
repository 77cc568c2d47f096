# expect: source
x = 1
if x: pass
⟦10000 × elif x: pass
⟧
