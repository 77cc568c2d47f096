# expect: limit duration; duration: 200ms; grace: 100ms
⟦nest 40 × def f():⟧
