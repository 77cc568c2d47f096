# expect: source
x = 1
f"⟦3000 × {x:⟧⟦3000 × }⟧"
