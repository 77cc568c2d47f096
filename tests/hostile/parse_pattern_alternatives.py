# expect: source
match 1:
    case ⟦30000 × 0 | ⟧1:
        pass
