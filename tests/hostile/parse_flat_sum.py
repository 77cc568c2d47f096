# expect: limit recursion
⟦32000 × 1+⟧1
