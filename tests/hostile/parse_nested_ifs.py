# expect: source
⟦nest 3000 × if 1:⟧
