# expect: source
⟦2000 × [⟧1⟦2000 ×  for x in y]⟧
