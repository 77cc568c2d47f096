# expect: script OverflowError
'a' * 10**10
