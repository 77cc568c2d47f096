def kind(status):
    return oct(status.st_mode & 0o170000)


for name in ["file.txt", "empty.txt", "directory", "directory/", "directory/inner.txt", "directory/.."]:
    path = root + "/" + name
    show(name + ": kind", lambda: kind(os.stat(path)))
    show(name + ": kind, by Path", lambda: kind(Path(path).stat()))
    show(name + ": permissions", lambda: oct(os.stat(path).st_mode & 0o7777))
for name in ["file.txt", "empty.txt", "directory/inner.txt"]:
    path = root + "/" + name
    show(name + ": size", lambda: os.stat(path).st_size)
    show(name + ": size by index", lambda: os.stat(path)[6])
    show(name + ": size by os.path", lambda: os.path.getsize(path))
    show(name + ": links", lambda: os.stat(path).st_nlink)
    show(name + ": times are in this millennium", lambda: os.stat(path).st_mtime > 978307200)
    show(name + ": time by os.path", lambda: os.path.getmtime(path) == os.stat(path).st_mtime)
show("a time by index is whole", lambda: type(os.stat(root + "/file.txt")[8]).__name__)
show("ten fields", lambda: len(os.stat(root)))
show("same file twice", lambda: os.path.samefile(root + "/file.txt", root + "/directory/../file.txt"))
show("two files", lambda: os.path.samefile(root + "/file.txt", root + "/empty.txt"))
show("same file that is missing", lambda: os.path.samefile(root + "/file.txt", root + "/missing"))
for name in ["missing", "missing/missing", "file.txt/missing", "file.txt/", long + "x", "a\0b"]:
    path = root + "/" + name
    label = name.replace(long, "$long").replace("\0", "NUL")
    show(label + ": os.stat", lambda: kind(os.stat(path)))
    show(label + ": Path.stat", lambda: kind(Path(path).stat()))
    show(label + ": os.path.getsize", lambda: os.path.getsize(path))
show("the empty path", lambda: os.stat(""))
show("a path that is too long", lambda: os.stat(root + ("/" + long) * 17))
