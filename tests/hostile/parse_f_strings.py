# expect: source
x = 1
⟦3000 × f"{⟧x⟦3000 × }"⟧
