# expect: value; with: tools
typed([[None] * 100] * 5000)
1
