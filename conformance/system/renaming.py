def build():
    for name in ["directory", "full", "empty", "full/inner"]:
        if not os.path.isdir(root + "/" + name):
            os.makedirs(root + "/" + name)
    for name in ["file", "other", "full/file", "full/inner/file"]:
        Path(root + "/" + name).write_text(name)


def clear():
    for folder, folders, files in os.walk(root, topdown=False):
        for name in files:
            os.remove(folder + "/" + name)
        for name in folders:
            os.rmdir(folder + "/" + name)


def left():
    found = []
    for folder, folders, files in os.walk(root):
        found += [(folder + "/" + name) for name in folders]
        found += [(folder + "/" + name + "=" + Path(folder + "/" + name).read_text()) for name in files]
    return sorted(found)


sources = ["file", "full", "empty", "missing", "missing/x", "file/x", "full/inner", "full/"]
destinations = ["new", "other", "file", "directory", "full", "empty", "full/new", "full/inner/new", "missing/new", "other/new", "file/new", "full/file", "new/"]
for source in sources:
    for destination in destinations:
        build()
        before = left()
        label = source + " to " + destination
        show(label, lambda: os.rename(root + "/" + source, root + "/" + destination))
        show(label + ": what there is", lambda: "as before" if left() == before else left())
        clear()
build()
show("Path.rename answers with the new path", lambda: Path(root + "/file").rename(root + "/new"))
show("Path.replace answers with the new path", lambda: Path(root + "/new").replace(root + "/other"))
show("Path.replace of what is missing", lambda: Path(root + "/new").replace(root + "/other"))
show("os.replace", lambda: os.replace(root + "/other", root + "/file"))
show("Path.rename to a directory that is not empty", lambda: Path(root + "/empty").rename(root + "/full"))
show("a name that is too long", lambda: os.rename(root + "/file", root + "/" + long + "x"))
show("NUL", lambda: os.rename(root + "/file", root + "/a\0b"))
show("from NUL", lambda: os.rename(root + "/a\0b", root + "/file"))
show("to the empty path", lambda: os.rename(root + "/file", ""))
show("from the empty path", lambda: os.rename("", root + "/file"))
show("at the end", left)
