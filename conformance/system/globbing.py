patterns = ["*", "*.txt", "*.TXT", "?.txt", "[ab].txt", "[!a].txt", "[a-c]*", "a", "sub", "sub/*", "*/*", "*/*.txt", "**", "**/*", "**/*.txt",
            "sub/**", "sub/**/*.txt", "**/deep", "**/deep/*", "*/deep/*", "missing", "missing/*", "a.txt/*", ".*", "*.", "sub/", "*/", "**/",
            "../*", "sub/../*.txt", "./*.txt", "[", "[]", "[a", "a[.]txt", "{a,b}.txt", "\\*", "**.txt", "**/sub/**"]
for pattern in patterns:
    show("glob " + pattern, lambda: sorted([str(path) for path in Path(root).glob(pattern)]))
for pattern in ["*", "*.txt", "deep", "deep/*", "sub/*", "[ab].txt", "*/*.txt", "**", "missing", ".*", "*/", "**/*.txt"]:
    show("rglob " + pattern, lambda: sorted([str(path) for path in Path(root).rglob(pattern)]))
for pattern in ["", "/abs", "/"]:
    show("glob of " + repr(pattern), lambda: list(Path(root).glob(pattern)))
show("rglob of nothing", lambda: sorted([str(path) for path in Path(root).rglob("")]))
show("without case", lambda: sorted([str(path) for path in Path(root).glob("*.TXT", case_sensitive=False)]))
show("in a directory that is missing", lambda: list(Path(root + "/missing").glob("*")))
show("in a file", lambda: list(Path(root + "/a.txt").glob("*")))
show("relative", lambda: sorted([str(path) for path in Path(".").glob("*.txt")]))
show("relative, below", lambda: sorted([str(path) for path in Path("sub").rglob("*.txt")]))
show("the root itself", lambda: sorted([str(path) for path in Path(root).glob("**")])[0])
