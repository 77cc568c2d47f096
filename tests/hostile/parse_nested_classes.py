# expect: source
⟦nest 100 × class A:⟧
