paths = {
    "a file": root + "/file.txt",
    "an empty file": root + "/empty.txt",
    "a directory": root + "/directory",
    "a directory with a slash": root + "/directory/",
    "a directory by dot": root + "/directory/.",
    "a directory by dots": root + "/directory/empty/..",
    "the root": root,
    "the root of all": "/",
    "nothing": root + "/missing",
    "nothing in nothing": root + "/missing/missing",
    "nothing in a file": root + "/file.txt/missing",
    "nothing in nothing in a file": root + "/file.txt/missing/missing",
    "a file with a slash": root + "/file.txt/",
    "a file by dots through a file": root + "/file.txt/../file.txt",
    "a file by dots through nothing": root + "/missing/../file.txt",
    "a name that is too long": root + "/" + long + "x",
    "a name of the longest length": root + "/" + long,
    "a long name of few characters": root + "/" + "é" * 128,
    "a path that is too long": root + ("/" + long) * 17,
    "NUL": root + "/a\0b",
    "NUL alone": "\0",
    "the empty path": "",
    "a relative file": "file.txt",
    "a relative directory": "directory",
    "dot": ".",
    "a name with a newline": root + "/a\nb",
}
for name, path in paths.items():
    show(name + ": Path.exists", lambda: Path(path).exists())
    show(name + ": Path.is_file", lambda: Path(path).is_file())
    show(name + ": Path.is_dir", lambda: Path(path).is_dir())
    show(name + ": Path.is_symlink", lambda: Path(path).is_symlink())
    show(name + ": os.path.exists", lambda: os.path.exists(path))
    show(name + ": os.path.isfile", lambda: os.path.isfile(path))
    show(name + ": os.path.isdir", lambda: os.path.isdir(path))
    show(name + ": os.path.islink", lambda: os.path.islink(path))
    show(name + ": os.path.lexists", lambda: os.path.lexists(path))
