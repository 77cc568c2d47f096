# expect: limit duration; duration: 200ms
[1 ⟦30 × for x in range(9) ⟧]
