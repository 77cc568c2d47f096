path = root + "/file.txt"
for mode in ["r", "rt", "tr", "rb", "br", "w", "wt", "wb", "a", "at", "ab"]:
    Path(path).write_text("hello")
    show(mode + ": opens", lambda: open(path, mode).mode)
    show(mode + ": content", lambda: Path(path).read_text())
for mode in ["", "b", "t", "q", "rw", "wa", "rr", "bb", "rtb", "rbt", "U", "r w", "R"]:
    show(repr(mode) + ": is refused", lambda: open(path, mode))
for mode in ["r", "rb", "w", "a"]:
    show(mode + ": missing", lambda: open(root + "/missing-" + mode, mode).name)
show("missing: made by w and a", lambda: sorted(os.listdir(root)))
show("mode by keyword", lambda: open(path, mode="rb").read())
show("mode that is no str", lambda: open(path, 1))
show("path that is an int", lambda: open(1.5))
show("path that is None", lambda: open(None))
show("path that is a Path", lambda: open(Path(path)).name)
