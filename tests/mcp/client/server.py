"""A scripted MCP server of the standard library alone: `server.py BEHAVIOUR [ARG…]`.

It speaks over its standard input and output, or with `--http` over HTTP (it
prints its address then). Each behaviour is a subclass of Server below, which is
a server that keeps to the protocol.
"""

import base64
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time

META = "io.modelcontextprotocol/"
WRITING = threading.Lock()


def send(message):
    line = json.dumps(message) + "\n"
    with WRITING:
        sys.stdout.write(line)
        sys.stdout.flush()


def notify(method, **params):
    send({"jsonrpc": "2.0", "method": method, "params": params})


def text(*texts, **more):
    return {"content": [{"type": "text", "text": one} for one in texts], **more}


def schema(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


class Failure(Exception):
    def __init__(self, code, message):
        self.code, self.message = code, message


class Server:
    version = "2025-11-25"
    capabilities = {"tools": {"listChanged": True}}

    def __init__(self, args):
        self.args = args
        self.cancelled = []

    # Messages

    def handle(self, message):
        """The answer to a message, or None."""
        method, id = message.get("method"), message.get("id")
        if method == "notifications/cancelled":
            self.cancelled.append(message["params"]["requestId"])
        if id is None or method is None:
            return None
        try:
            result = self.answer(method, message.get("params") or {}, id)
        except Failure as failure:
            error = {"code": failure.code, "message": failure.message}
            return {"jsonrpc": "2.0", "id": id, "error": error}
        return None if result is None else {"jsonrpc": "2.0", "id": id, "result": result}

    def answer(self, method, params, id):
        if method == "initialize":
            return {
                "protocolVersion": self.version,
                "capabilities": self.capabilities,
                "serverInfo": {"name": "scripted", "version": "1"},
            }
        if method == "tools/list":
            return self.list(params)
        if method == "tools/call":
            return self.call(params["name"], params.get("arguments") or {})
        if method == "ping":
            return {}
        raise Failure(-32601, f"Method not found: {method}")

    def list(self, params):
        return {"tools": self.tools()}

    def tools(self):
        return [
            {
                "name": "add",
                "description": "Adds two numbers",
                "inputSchema": schema("a", "b", a={"type": "integer"}, b={"type": "integer"}),
                "annotations": {"readOnlyHint": True, "idempotentHint": True},
            },
            {
                "name": "search-issues",
                "title": "Search",
                "description": "Finds issues by their text",
                "inputSchema": schema(
                    "query",
                    query={"type": "string", "description": "What to look for"},
                    limit={"type": "integer", "default": 2},
                ),
                "outputSchema": schema(
                    "issues",
                    issues={
                        "type": "array",
                        "items": schema("id", "title", id={"type": "integer"}, title={"type": "string"}),
                    },
                ),
            },
            {
                "name": "echo",
                "description": "Answers with what it is told: a result as MCP has it",
                "inputSchema": schema("result", result={"type": "object"}),
                "annotations": {"destructiveHint": True, "openWorldHint": False},
            },
        ]

    def call(self, name, arguments):
        if name == "add":
            return text(str(arguments["a"] + arguments["b"]))
        if name == "search-issues":
            count = arguments.get("limit", 2)
            issues = [{"id": i, "title": f"{arguments['query']} {i}"} for i in range(1, count + 1)]
            return text("in words", structuredContent={"issues": issues})
        if name == "echo":
            return arguments["result"]
        raise Failure(-32602, f"Unknown tool: {name}")

    # Transports

    def run(self):
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            # Calls run beside each other.
            threading.Thread(target=self.respond, args=(message,), daemon=True).start()

    def respond(self, message):
        response = self.handle(message)
        if response is not None:
            send(response)


def tool(name, **properties):
    """A tool with required parameters."""
    return {"name": name, "inputSchema": schema(*properties, **properties)}


class Normal(Server):
    pass


class Of20250618(Server):
    version = "2025-06-18"


class Unknown(Server):
    version = "2031-01-01"


class Modern(Server):
    """MCP 2026-07-28 alone."""

    def answer(self, method, params, id):
        if method == "initialize":
            raise Failure(-32601, "Method not found: initialize")
        if method == "server/discover":
            return {
                "resultType": "complete",
                "supportedVersions": ["2026-07-28"],
                "capabilities": self.capabilities,
                "ttlMs": 0,
                "cacheScope": "private",
            }
        if META + "protocolVersion" not in params.get("_meta", {}):
            raise Failure(-32600, "no protocol version")
        if method == "subscriptions/listen":
            self.subscription = id
            meta = {META + "subscriptionId": id}
            notify(
                "notifications/subscriptions/acknowledged",
                notifications=params["notifications"],
                _meta=meta,
            )
            return None
        result = super().answer(method, params, id)
        return {"resultType": "complete", **result}


class Late(Server):
    """Starts slowly, as what is downloaded first: it reads after 11 seconds."""

    def run(self):
        time.sleep(11)
        super().run()


class ModernLate(Late, Modern):
    pass


class Growing(Server):
    """A tool adds a tool, and the server says so."""

    def __init__(self, args):
        super().__init__(args)
        self.more = 0

    def tools(self):
        return [tool("grow")] + [tool(f"tool_{i}") for i in range(self.more)]

    def call(self, name, arguments):
        self.more += 1
        threading.Timer(0.05, self.tell).start()
        return text(f"{self.more} more")

    def tell(self):
        notify("notifications/tools/list_changed")


class ModernGrowing(Growing, Modern):
    def tell(self):
        notify("notifications/tools/list_changed", _meta={META + "subscriptionId": self.subscription})


class Expiring(Modern):
    """A list that is good for four seconds, and never announced."""

    capabilities = {"tools": {}}
    listed = 0

    def list(self, params):
        self.listed += 1
        return {"tools": [tool(f"list_{self.listed}")], "ttlMs": 4000, "cacheScope": "private"}


class Asking(Modern):
    """Its tool needs input of a person, in a second round."""

    def tools(self):
        return [tool("delete")]

    def call(self, name, arguments):
        question = {
            "method": "elicitation/create",
            "params": {"mode": "form", "message": "Really delete everything?", "requestedSchema": schema()},
        }
        return {"resultType": "input_required", "inputRequests": {"sure": question}, "requestState": "x"}


class OldAsking(Server):
    """The same as a request of the server's, and for roots and samples."""

    def __init__(self, args):
        super().__init__(args)
        self.answers = {}

    def tools(self):
        return [tool("ask", method={"type": "string"})]

    def handle(self, message):
        if "method" not in message:
            self.answers[message["id"]] = message
        return super().handle(message)

    def call(self, name, arguments):
        params = {"message": "Sure?", "requestedSchema": schema(), "messages": [], "maxTokens": 1}
        send({"jsonrpc": "2.0", "id": "q", "method": arguments["method"], "params": params})
        while "q" not in self.answers:
            time.sleep(0.01)
        answer = self.answers.pop("q")
        return text(json.dumps(answer.get("result") or answer["error"]["code"]))


class Deaf(Server):
    """Starts, and never answers."""

    def handle(self, message):
        return None


class Hybrid(Server):
    """Knows how to tell its versions, and speaks none without a handshake."""

    def answer(self, method, params, id):
        if method != "server/discover":
            return super().answer(method, params, id)
        return {
            "resultType": "complete",
            "supportedVersions": ["2025-11-25", "2025-06-18"],
            "capabilities": self.capabilities,
            "ttlMs": 0,
            "cacheScope": "private",
        }


class Handshaking(Server):
    """Ends when it is asked anything before the handshake, as some did in 2025."""

    def answer(self, method, params, id):
        if method == "server/discover":
            print("expected initialize", file=sys.stderr)
            os._exit(1)
        return super().answer(method, params, id)


class Slow(Server):
    """A tool that takes long, and one that tells what was cancelled."""

    def tools(self):
        return [tool("wait", seconds={"type": "number"}), tool("cancelled")]

    def call(self, name, arguments):
        if name == "wait":
            time.sleep(arguments["seconds"])
            return text("waited")
        return text(json.dumps(self.cancelled))


class ModernSlow(Slow, Modern):
    pass


class Dying(Server):
    """Dies in the middle of a call, after an effect."""

    def tools(self):
        return [tool("die"), tool("pid"), tool("effects")]

    def call(self, name, arguments):
        if name == "pid":
            return text(json.dumps([os.getpid()]))
        if name == "effects":
            return text(open(self.args[0]).read())
        with open(self.args[0], "a") as effects:
            effects.write("x")
        print("\x1b[31mpanic\x1b[0m: out of cheese\n" * 3, file=sys.stderr, flush=True)
        os._exit(3)


class Failing(Server):
    """Does not start: it writes why, or as much as it is told."""

    def run(self):
        count = int(self.args[0]) if self.args else 1
        for i in range(count):
            print(f"line {i}: no such database", file=sys.stderr)
        sys.exit(7)


class Recovering(Server):
    """Starts when a file is there."""

    def run(self):
        if not os.path.exists(self.args[0]):
            sys.exit("the file is missing")
        super().run()


class Malformed(Server):
    """Writes what is no message between messages."""

    def respond(self, message):
        with WRITING:
            sys.stdout.write("Server is starting…\n{\"jsonrpc\": \n[1, 2]\n\n{}\nnull\n")
        super().respond(message)

    def tools(self):
        return super().tools() + [tool("odd")]

    def call(self, name, arguments):
        if name == "odd":
            return "not an object"
        return super().call(name, arguments)


class Babbling(Server):
    """Writes a log to its standard output in place of messages."""

    def run(self):
        print("INFO  listening on \x1b[1mport 3000\x1b[0m", flush=True)
        time.sleep(60)


class Flooding(Server):
    """Writes notifications as fast as it can, from the first call on."""

    kind = "message"

    def tools(self):
        return [tool("flood", method={"type": "string"}), tool("quick")]

    def call(self, name, arguments):
        if name == "flood":
            threading.Thread(target=self.flood, args=(arguments["method"],), daemon=True).start()
        return text("[1]")

    def flood(self, method):
        message = {"jsonrpc": "2.0", "method": method, "params": {"level": "info", "data": "x" * 100}}
        if method == "response":
            message = {"jsonrpc": "2.0", "id": 1_000_000, "result": {}}
        if method == "ping":
            message = {"jsonrpc": "2.0", "id": 5, "method": "ping"}
        while True:
            send(message)


class Noisy(Server):
    """Fills its standard error."""

    def call(self, name, arguments):
        threading.Thread(target=self.fill, daemon=True).start()
        return super().call(name, arguments)

    def fill(self):
        while True:
            os.write(2, b"noise " * 10_000)


class Telling(Server):
    """Writes what it is told to standard error, so many characters after it, and ends."""

    def tools(self):
        return [tool("tell", text={"type": "string"}, more={"type": "integer"})]

    def call(self, name, arguments):
        print(arguments["text"], "y" * arguments["more"], file=sys.stderr, flush=True)
        os._exit(3)


class Huge(Server):
    """Answers with so many bytes, the identifier first or last."""

    def tools(self):
        return [tool("huge", bytes={"type": "integer"}, last={"type": "boolean"}), tool("small")]

    def handle(self, message):
        response = super().handle(message)
        if message.get("params", {}).get("arguments", {}).get("last"):
            response["id"] = response.pop("id")
        return response

    def call(self, name, arguments):
        return text("x" * arguments["bytes"] if name == "huge" else "small")


class Unread(Server):
    """Does not read what it is sent after the start."""

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            self.respond(message)
            if message["method"] == "tools/list":
                time.sleep(600)

    def tools(self):
        return [tool("take", data={"type": "string"})]


class Lying(Server):
    """Results that do not fit the schemas that it gives."""

    def tools(self):
        number = schema("n", n={"type": "integer"})
        return [
            {"name": "misfit", "inputSchema": schema(), "outputSchema": number},
            {"name": "missing", "inputSchema": schema(), "outputSchema": number},
            {"name": "unknown_output", "inputSchema": schema(), "outputSchema": {"type": 7}},
            {"name": "unknown_input", "inputSchema": {"type": "object", "properties": 7}},
            {"name": "no_schema"},
            {"name": "bad_content", "inputSchema": schema()},
            {"name": 17, "inputSchema": schema()},
            {"name": "", "inputSchema": schema()},
            {"name": "x" * 500, "inputSchema": schema()},
            "a tool",
        ]

    def call(self, name, arguments):
        if name == "misfit":
            return text("{\"n\": 1}", structuredContent={"n": "one"})
        if name == "bad_content":
            return {"content": [{"type": "hologram"}]}
        return text("{\"n\": 1}")


class Twice(Server):
    """Two tools of one name, and names that are one in Python."""

    def tools(self):
        tools = [tool("same"), tool("same", x={"type": "string"}), tool("a-b"), tool("a.b")]
        return tools + [tool("class"), tool("print"), tool("日本")]

    def call(self, name, arguments):
        return text(f"called {name}")


class Hostile(Server):
    """Names and descriptions that want out of a stub."""

    def tools(self):
        out = '"""\nimport os\nos.system("x")\n"""'
        hidden = "plain \u202e reversed \u200b invisible \x1b[2J \u2028 line \U000e0041 tag"
        evil = schema(
            'x"]); y = (["',
            **{
                'x"]); y = (["': {"type": "string", "description": out},
                "p\n    q": {"enum": ['"""', "'''", "\n", "\u202e"], "description": hidden},
            },
        )
        return [
            {"name": 'f():\n    pass\nimport os #"""', "description": out, "inputSchema": evil},
            {"name": "hidden", "title": hidden, "description": hidden, "inputSchema": schema()},
            {"name": "__init__", "description": "\\", "inputSchema": schema()},
            {"name": "ends", "description": 'ends with a quote"', "inputSchema": schema()},
            {
                "name": "typed",
                "inputSchema": schema(),
                "outputSchema": {
                    "title": "Evil: pass\nimport os\nclass X",
                    **schema("k\n", **{"k\n": {"const": "v\n\"\"\""}}),
                },
            },
            {"name": "keys", "inputSchema": schema()},
        ]

    def call(self, name, arguments):
        if name == "typed":
            return text("", structuredContent={"k\n": 'v\n"""'})
        if name == "keys":
            return text(json.dumps({"ok": 1, 'x"""\nimport os': 2, "\u202e": 3}))
        return text(json.dumps({"name": name, **arguments}))


class Many(Server):
    """More tools than anybody wants, page by page, without an end."""

    def list(self, params):
        page = int(params.get("cursor") or 0)
        tools = [tool(f"tool_{page}_{i}") for i in range(100)]
        if self.args[:1] == ["endless"]:
            tools = []
        return {"tools": tools, "nextCursor": str(page + 1)}


class Large(Server):
    """Descriptions that are too long."""

    def tools(self):
        return [{**tool(f"tool_{i}"), "description": "very " * 200_000} for i in range(12)]


class Contents(Server):
    """Each kind of content, and both of what should come alone."""

    def tools(self):
        return [tool("get", kind={"type": "string"})]

    def call(self, name, arguments):
        data = base64.b64encode(b"\x89PNG").decode()
        image = {"type": "image", "data": data, "mimeType": "image/png"}
        kinds = {
            "text": text("hello"),
            "number": text("42"),
            "json": text('{"a": [1, 2.5, null]}'),
            "list": text('[{"id": 1}, {"id": 2}]'),
            "broken": text('{"a": '),
            "texts": text("one", '{"two": 2}'),
            "nothing": {"content": []},
            "no content": {},
            "both": text('{"a": "text"}', structuredContent={"a": "structured"}),
            "error": text("the issue 7 is closed", isError=True),
            "silent": {"content": [], "isError": True},
            "image": {"content": [image]},
            "text and image": {"content": [{"type": "text", "text": "a cat"}, image]},
            "audio": {"content": [{"type": "audio", "data": data, "mimeType": "audio/wav"}]},
            "resource": {
                "content": [
                    {"type": "resource", "resource": {"uri": "file:///a.txt", "text": "inside"}},
                    {"type": "resource", "resource": {"uri": "file:///b", "blob": data}},
                ]
            },
            "link": {
                "content": [
                    {"type": "resource_link", "uri": "file:///c", "name": "c", "description": "a file"}
                ]
            },
        }
        if arguments["kind"] not in kinds:
            raise Failure(-32602, f"no kind {arguments['kind']!r}")
        return kinds[arguments["kind"]]


class Records(Server):
    """Results that differ from call to call, and say nothing of it before."""

    def tools(self):
        return [tool("get", what={"type": "object"})]

    def call(self, name, arguments):
        return text(json.dumps(arguments["what"]["value"]))


class Environment(Server):
    """Shows what it was started with."""

    def tools(self):
        return [tool("environment"), tool("arguments"), tool("fail"), tool("directory")]

    def call(self, name, arguments):
        if name == "environment":
            return text(json.dumps(dict(sorted(os.environ.items()))))
        if name == "arguments":
            return text(json.dumps(self.args))
        if name == "directory":
            return text(os.getcwd())
        return text(f"token {os.environ['API_TOKEN']} is refused", isError=True)


class Secret(Server):
    """Tells the key that it is called with in the tests."""

    def tools(self):
        return [tool("secret")]

    def call(self, name, arguments):
        return text("it is open-sesame-please")


class Parent(Server):
    """Starts a process of its own, and ends only when it is made to."""

    def run(self):
        child = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
        with open(self.args[0], "w") as file:
            file.write(f"{os.getpid()} {child.pid}")
        if self.args[1:] == ["stubborn"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().run()
        time.sleep(600)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour = None

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.reply(405, b"")

    def do_DELETE(self):
        self.reply(405, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.path = self.path.split("?")[0]
        if self.path == "/elsewhere":
            return self.reply(307, b"", Location=self.behaviour.args[0])
        if self.path == "/moved":
            return self.reply(307, b"", Location="/mcp")
        if self.path == "/strict" and b"server/discover" in body:
            return self.reply(500, b"expected initialize", "text/plain")
        if self.path == "/broken":
            return self.reply(500, b"the database is away: " + self.headers.get("X-Key", "").encode())
        if self.path == "/page":
            return self.reply(200, b"<html>" + b"x" * 10_000_000, "text/html")
        if self.path == "/secret" and self.headers.get("Authorization") != "Bearer open-sesame":
            return self.reply(401, b"", **{"WWW-Authenticate": "Bearer"})
        response = self.behaviour.handle(json.loads(body))
        if response is None:
            return self.reply(202, b"")
        data = json.dumps(response).encode()
        if self.path == "/events":
            return self.reply(200, b"event: message\ndata: " + data + b"\n\n", "text/event-stream")
        self.reply(200, data)

    def reply(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main():
    behaviour, *args = sys.argv[1:]
    over_http = "--http" in args
    server = globals()[behaviour]([arg for arg in args if arg != "--http"])
    if not over_http:
        return server.run()
    Handler.behaviour = server
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Clients may leave before they have read everything.
    listener.handle_error = lambda *args: None
    print(f"http://127.0.0.1:{listener.server_port}", flush=True)
    listener.serve_forever()


if __name__ == "__main__":
    main()
