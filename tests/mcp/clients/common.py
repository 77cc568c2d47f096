"""What the tests with real clients share."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

PROGRAM = sys.argv[1]
SERVER = Path(__file__).parent / "downstream.py"


def configuration(**more):
    """A configuration with a server, a tool that is a command, and one to ask for."""
    config = {
        "mcpServers": {"shop": {"command": sys.executable, "args": [str(SERVER)]}},
        "tools": {
            "weather(city, days=1)": {
                "command": "echo '{\"sunny\": true}'",
                "description": "The forecast for a city",
                "readOnly": True,
            },
            "pay(amount)": {"command": "echo '\"paid\"'", "destructive": True},
        },
        **more,
    }
    directory = tempfile.mkdtemp()
    path = os.path.join(directory, "monty.json")
    Path(path).write_text(json.dumps(config))
    return path


def show(name, result):
    """Prints what a model gets."""
    error = getattr(result, "is_error", getattr(result, "isError", None))
    texts = [getattr(block, "text", repr(block)) for block in result.content]
    print(f"{name}{' (error)' if error else ''}: " + "\n  ".join("\n".join(texts).split("\n")))


def tidy(text):
    return re.sub(r"handle is \"[0-9a-f]+\"", 'handle is "[handle]"', text)
