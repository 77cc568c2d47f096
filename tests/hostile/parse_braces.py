# expect: source
⟦5000 × {0: ⟧1⟦5000 × }⟧
