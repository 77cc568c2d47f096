# expect: value
'\ud800'
