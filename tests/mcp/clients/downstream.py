"""An MCP server with the standard library alone, which servers of this project call."""

import json
import sys

STOCK = {"tea": 12, "milk": 3}

TOOL = {
    "name": "stock-of",
    "description": "How many of an item there are",
    "inputSchema": {
        "type": "object",
        "properties": {"item": {"type": "string"}},
        "required": ["item"],
    },
    "outputSchema": {
        "type": "object",
        "properties": {"item": {"type": "string"}, "count": {"type": "integer"}},
        "required": ["item", "count"],
    },
    "annotations": {"readOnlyHint": True},
}

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    method = message.get("method")
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    if method == "initialize":
        answer["result"] = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "shop", "version": "1"},
        }
    elif method == "tools/list":
        answer["result"] = {"tools": [TOOL]}
    elif method == "tools/call":
        item = message["params"]["arguments"]["item"]
        if item in STOCK:
            found = {"item": item, "count": STOCK[item]}
            answer["result"] = {
                "content": [{"type": "text", "text": json.dumps(found)}],
                "structuredContent": found,
            }
        else:
            answer["result"] = {
                "content": [{"type": "text", "text": f"no item {item}"}],
                "isError": True,
            }
    else:
        answer["error"] = {"code": -32601, "message": f"no method {method}"}
    print(json.dumps(answer), flush=True)
