def names(entries):
    return sorted([entry.name for entry in entries])


def walked(top, **options):
    return [(folder, sorted(folders), sorted(files)) for folder, folders, files in os.walk(top, **options)]


def walked_by_path(top, **options):
    return [(str(folder), sorted(folders), sorted(files)) for folder, folders, files in Path(top).walk(**options)]


def pruned(top):
    seen = []
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name != "b"]
        seen.append(folder)
    return sorted(seen)


for name in ["", "a", "a/b", "a/empty"]:
    path = os.path.join(root, name) if name else root
    label = name if name else "root"
    show(label + ": listdir", lambda: sorted(os.listdir(path)))
    show(label + ": iterdir", lambda: sorted([str(entry) for entry in Path(path).iterdir()]))
    show(label + ": scandir", lambda: names(os.scandir(path)))
    show(label + ": scandir, paths", lambda: sorted([entry.path for entry in os.scandir(path)]))
    show(label + ": scandir, kinds", lambda: sorted([(entry.name, entry.is_dir(), entry.is_file(), entry.is_symlink()) for entry in os.scandir(path)]))
    show(label + ": walk", lambda: sorted(walked(path)))
    show(label + ": Path.walk", lambda: sorted(walked_by_path(path)))
show("listdir of a directory with a slash", lambda: sorted(os.listdir(root + "/a/")))
show("scandir of a directory with a slash", lambda: sorted([entry.path for entry in os.scandir(root + "/a/")]))
show("walk: a directory before what is in it", lambda: [folder for folder, _, _ in walked(root + "/chain")])
show("walk from the bottom", lambda: [folder for folder, _, _ in walked(root + "/chain", topdown=False)])
show("Path.walk from the bottom", lambda: [folder for folder, _, _ in walked_by_path(root + "/chain", top_down=False)])
show("walk, pruned", lambda: pruned(root))
for name in ["missing", "file.txt", "file.txt/x", "missing/x", long + "x", "a\0b"]:
    path = root + "/" + name
    label = name.replace(long, "$long").replace("\0", "NUL")
    show(label + ": listdir", lambda: os.listdir(path))
    show(label + ": iterdir", lambda: list(Path(path).iterdir()))
    show(label + ": scandir", lambda: list(os.scandir(path)))
    show(label + ": walk", lambda: walked(path))
    show(label + ": Path.walk", lambda: walked_by_path(path))
show("the empty path: listdir", lambda: os.listdir(""))
show("a relative directory: listdir", lambda: sorted(os.listdir("a")))
show("a relative directory: iterdir", lambda: sorted([str(entry) for entry in Path("a").iterdir()]))
show("a relative directory: scandir", lambda: sorted([entry.path for entry in os.scandir("a")]))
show("a relative directory: walk", lambda: sorted(walked("a")))
show("nothing given: listdir", lambda: sorted(os.listdir()))
show("nothing given: scandir", lambda: sorted([entry.path for entry in os.scandir()]))
show("dot: iterdir", lambda: sorted([str(entry) for entry in Path(".").iterdir()]))
show("dot: walk", lambda: sorted([folder for folder, _, _ in walked(".")]))
with os.scandir(root) as entries:
    show("with scandir", lambda: names(entries))
entry = [entry for entry in os.scandir(root) if entry.name == "file.txt"][0]
show("an entry", lambda: entry)
show("an entry: stat", lambda: entry.stat().st_size)
show("an entry as a path", lambda: os.fspath(entry))
