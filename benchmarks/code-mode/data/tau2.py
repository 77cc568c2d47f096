"""The retail and airline desks of tau2: MCP servers.

A task is a person's story, with the calls that serve them. What the person says when is not
in the data, so a task is one message here."""

import functools
import importlib
import json
from pathlib import Path

# Of the evaluation and not of the desk.
CONTROLS = {"reset_state", "get_call_log"}
STATE_KEY = "state_key"


@functools.cache
def server(domain):
    module = importlib.import_module(f"tau2_{domain}_mcp.server")
    # It lets another process go on with a state, and writes all of it for each call.
    module._save_state = lambda *_: None
    module._load_state = lambda *_: None
    return module


def ask(domain, method, **params):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return server(domain)._handle_request(message)["result"]


def tool(declared):
    schema = declared["inputSchema"]
    properties = {key: value for key, value in schema["properties"].items() if key != STATE_KEY}
    return {
        "name": declared["name"],
        "description": declared["description"],
        "input": {**schema, "properties": properties},
        "output": None,
    }


def tasks(domain):
    tools = [tool(each) for each in ask(domain, "tools/list")["tools"] if each["name"] not in CONTROLS]
    folder = Path(server(domain).__file__).parent
    for entry in json.loads((folder / f"data/tau2/domains/{domain}/tasks.json").read_text()):
        calls = entry["evaluation_criteria"]["actions"] or []
        if not calls:
            continue
        yield {
            "id": f"{domain}_{entry['id']}",
            "tools": tools,
            "turns": [{"message": story(entry), "calls": [call(each) for each in calls]}],
        }


def story(entry):
    parts = entry["user_scenario"]["instructions"]
    keys = ["reason_for_call", "known_info", "task_instructions"]
    return "\n".join(parts[key] for key in keys if parts.get(key))


def call(action):
    arguments = action["arguments"]
    literals = {key: repr(value) for key, value in arguments.items()}
    return {"name": action["name"], "arguments": arguments, "literals": literals}


class Replay:
    """The desk's data, once for each way to call it."""

    def __init__(self, domain, task):
        server(domain)._STATES.clear()
        self.domain = domain
        self.task = task
        self.keys = {}

    def call(self, side, name, arguments):
        """The result as a model reads it, and as a script gets it."""
        key = self.keys.setdefault(side, f"tau2/{self.domain}/{self.task}/{side}")
        arguments = {**arguments, STATE_KEY: key}
        found = ask(self.domain, "tools/call", name=name, arguments=arguments)["structuredContent"]
        text = found["tau2_tool_message"]["content"]
        if not found["ok"]:
            return {"text": text, "raised": text.removeprefix("Error: ")}
        return {"text": text, "value": found["parsed_content"]}

    def compare(self):
        """How the data of the sides differ."""
        states = server(self.domain)._STATES
        found = {side: states[key]["db"] for side, key in self.keys.items()}
        first = next(iter(found.values()), None)
        return {
            side: f"other data than of `{next(iter(found))}`"
            for side, data in found.items()
            if data != first
        }
