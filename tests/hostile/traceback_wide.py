# expect: script ZeroDivisionError
x = 1⟦70000 ×  ⟧; 1/0
