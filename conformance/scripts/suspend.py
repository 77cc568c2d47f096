print("before")
answer = approve(900)
print("after")
"paid" if answer else "refused"
