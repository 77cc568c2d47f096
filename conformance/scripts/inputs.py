names.append("c")
[count, names, alias is names, ratio]
