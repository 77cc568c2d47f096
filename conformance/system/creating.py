def made(path):
    return (os.path.isdir(path), sorted(os.listdir(root)))


for number, (parents, exist_ok) in enumerate([(False, False), (False, True), (True, False), (True, True)]):
    label = "parents=" + str(parents) + ", exist_ok=" + str(exist_ok) + ": "
    for name in ["new" + str(number), "missing" + str(number) + "/new", "missing" + str(number) + "/a/b/c", "directory", "directory/new" + str(number), "file.txt",
                 "file.txt/new", "file.txt/a/b", "directory/inner.txt/new", "directory/", "new-with-slash" + str(number) + "/", "directory/../dots" + str(number), long + "x", "a\0b"]:
        path = root + "/" + name
        show(label + name.replace(long, "$long").replace("\0", "NUL"), lambda: Path(path).mkdir(parents=parents, exist_ok=exist_ok))
    show(label + "the root", lambda: Path(root).mkdir(parents=parents, exist_ok=exist_ok))
    show(label + "the root of all", lambda: Path("/").mkdir(parents=parents, exist_ok=exist_ok))
    show(label + "what there is", lambda: sorted([str(path) for path in Path(root).rglob("*")]))
show("the empty path", lambda: os.mkdir(""))
show("dot", lambda: os.mkdir("."))
for name in ["os", "os/missing/deep", "directory", "file.txt", "file.txt/x"]:
    path = root + "/" + name
    show("os.mkdir " + name, lambda: os.mkdir(path))
    show("os.makedirs " + name, lambda: os.makedirs(path))
    show("os.makedirs, exist_ok " + name, lambda: os.makedirs(path, exist_ok=True))
show("os.makedirs of the empty path", lambda: os.makedirs(""))
show("permissions", lambda: oct(os.stat(root + "/new0").st_mode & 0o7777))
show("permissions of a parent", lambda: oct(os.stat(root + "/missing2").st_mode & 0o7777))
