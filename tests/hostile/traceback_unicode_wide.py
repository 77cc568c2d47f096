# expect: script ZeroDivisionError
'⟦30000 × é⟧', '⟦30000 × 𝄞⟧', 1/0
