# expect: script SystemExit
raise SystemExit
