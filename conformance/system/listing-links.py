def walked(top, **options):
    return sorted([(folder, sorted(folders), sorted(files)) for folder, folders, files in os.walk(top, **options)])


for name in ["", "to-directory", "directory"]:
    path = os.path.join(root, name) if name else root
    label = name if name else "root"
    show(label + ": listdir", lambda: sorted(os.listdir(path)))
    show(label + ": scandir", lambda: sorted([(entry.name, entry.is_dir(), entry.is_file(), entry.is_symlink()) for entry in os.scandir(path)]))
    show(label + ": scandir, not followed", lambda: sorted([(entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)) for entry in os.scandir(path)]))
    show(label + ": iterdir", lambda: sorted([str(entry) for entry in Path(path).iterdir()]))
    show(label + ": walk", lambda: walked(path))
    show(label + ": Path.walk", lambda: sorted([(str(folder), sorted(folders), sorted(files)) for folder, folders, files in Path(path).walk()]))
    show(label + ": glob *", lambda: sorted([str(entry) for entry in Path(path).glob("*")]))
    show(label + ": glob */*", lambda: sorted([str(entry) for entry in Path(path).glob("*/*")]))
    show(label + ": glob **/*", lambda: sorted([str(entry) for entry in Path(path).glob("**/*")]))
    show(label + ": rglob *.txt", lambda: sorted([str(entry) for entry in Path(path).rglob("*.txt")]))
show("walk, followed", lambda: walked(root + "/tree", followlinks=True))
show("walk, not followed", lambda: walked(root + "/tree"))
show("listdir of a broken link", lambda: os.listdir(root + "/to-nothing"))
show("listdir of a loop", lambda: os.listdir(root + "/to-itself"))
show("listdir of a link to a file", lambda: os.listdir(root + "/to-file"))
show("glob through a link", lambda: sorted([str(entry) for entry in Path(root).glob("to-directory/*")]))
show("glob of a broken link", lambda: sorted([str(entry) for entry in Path(root).glob("to-n*")]))
show("glob with links followed", lambda: sorted([str(entry) for entry in Path(root + "/tree").glob("**/*.txt", recurse_symlinks=True)]))
