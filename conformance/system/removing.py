def left():
    return sorted([str(path) for path in Path(root).rglob("*")])


for name in ["missing", "missing/x", "file.txt/x", "directory", "directory/empty/", long + "x", "a\0b"]:
    path = root + "/" + name
    label = name.replace(long, "$long").replace("\0", "NUL")
    show(label + ": unlink", lambda: Path(path).unlink())
    show(label + ": unlink, missing_ok", lambda: Path(path).unlink(missing_ok=True))
    show(label + ": os.remove", lambda: os.remove(path))
    show(label + ": os.unlink", lambda: os.unlink(path))
for name in ["missing", "missing/x", "file.txt", "file.txt/x", "directory", long + "x", "a\0b"]:
    path = root + "/" + name
    label = name.replace(long, "$long").replace("\0", "NUL")
    show(label + ": rmdir", lambda: Path(path).rmdir())
    show(label + ": os.rmdir", lambda: os.rmdir(path))
show("nothing was removed", left)
show("the empty path: os.remove", lambda: os.remove(""))
show("the empty path: os.rmdir", lambda: os.rmdir(""))
show("a file with a slash: os.remove", lambda: os.remove(root + "/file.txt/"))
show("a file with a slash: os.rmdir", lambda: os.rmdir(root + "/file.txt/"))
show("a directory by dot: os.rmdir", lambda: os.rmdir(root + "/directory/empty/."))
show("unlink", lambda: Path(root + "/file.txt").unlink())
show("unlink again", lambda: Path(root + "/file.txt").unlink())
show("unlink again, missing_ok", lambda: Path(root + "/file.txt").unlink(missing_ok=True))
show("os.remove", lambda: os.remove(root + "/empty.txt"))
show("rmdir", lambda: Path(root + "/directory/empty").rmdir())
show("rmdir again", lambda: Path(root + "/directory/empty").rmdir())
show("rmdir, not empty yet", lambda: os.rmdir(root + "/directory"))
show("os.unlink", lambda: os.unlink(root + "/directory/inner.txt"))
show("rmdir, empty then", lambda: os.rmdir(root + "/directory/"))
show("nothing is left", left)
