def lines_of(path):
    with open(path) as file:
        return [line for line in file]


def with_open(path, mode, action):
    with open(path, mode) as file:
        return action(file)


for name in ["file.txt", "empty.txt", "unix.txt", "dos.txt", "mac.txt", "mixed.txt", "accents.txt", "marked.txt", "nul.txt", "bytes.bin"]:
    path = root + "/" + name
    show(name + ": read_bytes", lambda: Path(path).read_bytes())
    show(name + ": read_text", lambda: Path(path).read_text())
    show(name + ": read", lambda: with_open(path, "r", lambda file: file.read()))
    show(name + ": read of bytes", lambda: with_open(path, "rb", lambda file: file.read()))
    show(name + ": readlines", lambda: with_open(path, "r", lambda file: file.readlines()))
    show(name + ": readlines of bytes", lambda: with_open(path, "rb", lambda file: file.readlines()))
    show(name + ": lines", lambda: lines_of(path))
    show(name + ": readline", lambda: with_open(path, "r", lambda file: file.readline()))
    show(name + ": read of three", lambda: with_open(path, "r", lambda file: [file.read(3), file.read()]))
    show(name + ": read of three bytes", lambda: with_open(path, "rb", lambda file: [file.read(3), file.read()]))
for name in ["missing", "missing/x", "file.txt/x", "directory", long + "x", "a\0b"]:
    path = root + "/" + name
    label = name.replace(long, "$long").replace("\0", "NUL")
    show(label + ": read_text", lambda: Path(path).read_text())
    show(label + ": read_bytes", lambda: Path(path).read_bytes())
    show(label + ": open", lambda: open(path))
    show(label + ": open of bytes", lambda: open(path, "rb"))
show("the empty path: open", lambda: open(""))
show("a file with a slash: open", lambda: open(root + "/file.txt/"))
file = open(root + "/unix.txt")
show("name", lambda: file.name)
show("mode", lambda: file.mode)
show("tell", lambda: file.tell())
show("a line", lambda: file.readline())
show("the rest", lambda: file.read())
show("the end", lambda: file.read())
show("seek", lambda: file.seek(0))
show("from the start", lambda: file.read(3))
show("write to a file that is read", lambda: file.write("x"))
show("closed", lambda: file.closed)
show("close", lambda: file.close())
show("closed then", lambda: file.closed)
show("read when closed", lambda: file.read())
