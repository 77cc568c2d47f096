# expect: source SyntaxError
x = 1⟦70000 ×  ⟧; )
