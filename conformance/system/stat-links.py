def kind(status):
    return oct(status.st_mode & 0o170000)


for name in ["to-file", "to-directory", "to-nothing", "to-itself", "to-directory/inner.txt", "to-itself/x", "to-nothing/x"]:
    path = root + "/" + name
    show(name + ": os.stat", lambda: kind(os.stat(path)))
    show(name + ": Path.stat", lambda: kind(Path(path).stat()))
    show(name + ": os.path.getsize", lambda: os.path.getsize(path) if name != "to-directory" else "a directory")
show("a link and its file", lambda: os.path.samefile(root + "/to-file", root + "/file.txt"))
show("a link and another file", lambda: os.path.samefile(root + "/to-file", root + "/directory/inner.txt"))
show("os.stat, not followed", lambda: kind(os.stat(root + "/to-file", follow_symlinks=False)))
show("Path.stat, not followed", lambda: kind(Path(root + "/to-file").stat(follow_symlinks=False)))
