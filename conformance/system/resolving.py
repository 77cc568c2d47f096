for path in [root, root + "/file.txt", root + "/directory/../file.txt", root + "/directory/./inner.txt", root + "/missing", root + "/missing/../file.txt",
             root + "/missing/a/b/../c", root + "/file.txt/x", root + "/file.txt/../x", root + "/directory//inner.txt", root + "/directory/", "/..", "/../..", "//", "/./",
             "file.txt", ".", "directory/..", "", "a\0b", root + "/" + long + "x", "~", "~/x"]:
    label = repr(path).replace(root, "$root").replace(long, "$long")
    show(label + ": resolve", lambda: Path(path).resolve())
    show(label + ": absolute", lambda: str(Path(path).absolute()))
    show(label + ": realpath", lambda: os.path.realpath(path))
    show(label + ": abspath", lambda: os.path.abspath(path))
show("missing: resolve, strict", lambda: Path(root + "/missing").resolve(strict=True))
for name in ["missing", "missing/x", "file.txt/x", "directory/../missing"]:
    show(name + ": realpath, strict", lambda: os.path.realpath(root + "/" + name, strict=True))
