fetch("a")
"done"
