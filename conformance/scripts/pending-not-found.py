await fetch("a")
