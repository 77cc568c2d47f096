page = fetch("a")
print("under way")
await page
