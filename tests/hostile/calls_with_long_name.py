# expect: script NameError; with: tools
⟦1000000 × n⟧()
