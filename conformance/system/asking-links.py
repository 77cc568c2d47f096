names = ["to-file", "to-directory", "to-nothing", "to-itself", "to-other", "other", "to-link", "through-file",
         "to-directory/inner.txt", "to-directory/missing", "to-file/missing", "to-itself/missing", "to-nothing/missing",
         "to-dots", "directory/up", "directory/up/file.txt", "to-long-name"]
for name in names:
    path = root + "/" + name
    show(name + ": Path.exists", lambda: Path(path).exists())
    show(name + ": Path.is_file", lambda: Path(path).is_file())
    show(name + ": Path.is_dir", lambda: Path(path).is_dir())
    show(name + ": Path.is_symlink", lambda: Path(path).is_symlink())
    show(name + ": os.path.exists", lambda: os.path.exists(path))
    show(name + ": os.path.isfile", lambda: os.path.isfile(path))
    show(name + ": os.path.isdir", lambda: os.path.isdir(path))
    show(name + ": os.path.islink", lambda: os.path.islink(path))
    show(name + ": os.path.lexists", lambda: os.path.lexists(path))
show("a broken link, not followed", lambda: Path(root + "/to-nothing").exists(follow_symlinks=False))
