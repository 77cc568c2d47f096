# expect: source
match 1:
    case ⟦3000 × [⟧x⟦3000 × ]⟧:
        pass
