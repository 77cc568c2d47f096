# expect: limit duration; duration: 200ms
⟦nest 90 × for i in range(9):⟧
