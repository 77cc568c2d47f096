for index in range(20):
    path = root + "/" + str(index) + ".bin"
    data = Path(path).read_bytes()
    show(str(index) + ": bytes", lambda: data)
    show(str(index) + ": decode", lambda: data.decode())
    show(str(index) + ": read_text", lambda: Path(path).read_text())
    show(str(index) + ": open", lambda: open(path).read())
show("read_text with an encoding", lambda: Path(root + "/plain.txt").read_text(encoding="utf-8"))
show("open with an encoding", lambda: open(root + "/plain.txt", encoding="utf-8").read())
show("open with errors", lambda: open(root + "/0.bin", errors="replace").read())
