await fetch("a") + "!"
