# expect: source
⟦5000 × await ⟧x
