# expect: source
x = ⟦5000 × *⟧x
