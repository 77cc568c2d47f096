convert("12")
