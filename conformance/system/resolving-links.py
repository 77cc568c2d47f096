for name in ["to-file", "to-directory", "to-directory/inner.txt", "to-directory/..", "to-directory/../file.txt", "to-nothing", "to-nothing/x", "to-nothing/../x", "to-link",
             "to-itself", "to-itself/x", "to-other", "other/x", "through-file", "directory/up", "directory/up/directory/up/file.txt", "to-dots", "to-deep", "to-deep/.."]:
    path = root + "/" + name
    show(name + ": resolve", lambda: Path(path).resolve())
    show(name + ": realpath", lambda: os.path.realpath(path))
    show(name + ": realpath, strict", lambda: os.path.realpath(path, strict=True))
    show(name + ": absolute", lambda: Path(path).absolute())
