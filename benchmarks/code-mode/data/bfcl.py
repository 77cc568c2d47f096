"""The Berkeley Function Calling Leaderboard: `bfcl-eval`.

A task is several messages of a user, with the calls that each leads to, literal Python
calls of methods of the data set's own classes."""

import ast
import copy
import functools
import importlib
import inspect
import json
from pathlib import Path

import bfcl_eval
from bfcl_eval.constants.executable_backend_config import (
    CLASS_FILE_PATH_MAPPING,
    MULTI_TURN_FUNC_DOC_FILE_MAPPING,
    STATELESS_CLASSES,
)
from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import state_checker
from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_utils import execute_multi_turn_func_call

DATA = Path(bfcl_eval.__file__).parent / "data"

# Its names of JSON Schema's types.
TYPES = {"dict": "object", "float": "number", "tuple": "array"}


def lines(path):
    with open(DATA / path) as file:
        return [json.loads(line) for line in file]


@functools.cache
def entries(category):
    return {entry["id"]: entry for entry in lines(f"BFCL_v4_multi_turn_{category}.json")}


@functools.cache
def ground_truth(category):
    answers = lines(f"possible_answer/BFCL_v4_multi_turn_{category}.json")
    return {answer["id"]: answer["ground_truth"] for answer in answers}


@functools.cache
def documented(class_name):
    return lines(f"multi_turn_func_doc/{MULTI_TURN_FUNC_DOC_FILE_MAPPING[class_name]}")


def class_of(name):
    return getattr(importlib.import_module(CLASS_FILE_PATH_MAPPING[name]), name)


def schema(found):
    """As JSON Schema."""
    if isinstance(found, list):
        return [schema(each) for each in found]
    if not isinstance(found, dict):
        return found
    converted = {key: schema(value) for key, value in found.items()}
    # A property may be called `type` too.
    if isinstance(found.get("type"), str):
        converted["type"] = TYPES.get(found["type"], found["type"])
        if found["type"] == "any":
            del converted["type"]
    return converted


def tool(document):
    output = document.get("response")
    return {
        "name": document["name"],
        "description": document["description"],
        "input": schema(document["parameters"]),
        "output": schema(output) if output else None,
    }


def tasks(category):
    answers = ground_truth(category)
    for entry in entries(category).values():
        messages = [" ".join(part["content"] for part in turn) for turn in entry["question"]]
        methods = {}
        for name in entry["involved_classes"]:
            methods |= dict(inspect.getmembers(class_of(name), inspect.isfunction))
        documents = [each for name in entry["involved_classes"] for each in documented(name)]
        excluded = entry.get("excluded_function", [])
        yield {
            "id": entry["id"],
            "tools": [tool(each) for each in documents if each["name"] not in excluded],
            "turns": [
                {"message": message, "calls": [call(text, methods) for text in turn]}
                for message, turn in zip(messages, answers[entry["id"]], strict=True)
            ],
        }


def call(text, methods):
    """A call with its arguments by name."""
    expression = ast.parse(text, mode="eval").body
    name = expression.func.id
    places = list(inspect.signature(methods[name]).parameters)[1:]
    given = [*zip(places, expression.args), *((each.arg, each.value) for each in expression.keywords)]
    return {
        "name": name,
        "arguments": {key: ast.literal_eval(value) for key, value in given},
        "literals": {key: ast.unparse(value) for key, value in given},
    }


def single_tools():
    """The tools of other tasks, which are there to choose from: the first of each name."""
    found = {}
    for entry in lines("BFCL_v4_live_multiple.json"):
        for document in entry["function"]:
            found.setdefault(document["name"], tool(document))
    return list(found.values())


class Replay:
    """The objects that a task calls, once for each way to call them."""

    def __init__(self, category, task):
        self.entry = entries(category)[task]
        self.calls = ground_truth(category)[task]
        self.is_long = category == "long_context"
        self.sides = {}

    def call(self, side, name, arguments):
        """The result as a model reads it, and as a script gets it."""
        if side not in self.sides:
            self.sides[side] = self.instances()
        owners = [each for each in self.sides[side].values() if inspect.ismethod(getattr(each, name, None))]
        # Of two classes with one method, the data set takes the last.
        try:
            result = getattr(owners[-1], name)(**arguments)
        except Exception as error:
            return {"text": f"Error during execution: {error}", "raised": str(error)}
        text = shown(result)
        try:
            return {"text": text, "value": json.loads(json.dumps(result, allow_nan=False))}
        except (TypeError, ValueError):
            return {"text": text, "value": text}

    def instances(self):
        found = {}
        for name in self.entry["involved_classes"]:
            found[name] = class_of(name)()
            if name not in STATELESS_CLASSES:
                state = copy.deepcopy(self.entry["initial_config"].get(name, {}))
                found[name]._load_scenario(state, long_context=self.is_long)
        return found

    def compare(self):
        """How the sides differ from a run by the data set itself."""
        for turn in self.calls or [[]]:
            _, reference = execute_multi_turn_func_call(
                turn,
                self.entry["initial_config"],
                self.entry["involved_classes"],
                "reference",
                self.entry["id"],
                self.is_long,
            )
        differences = {}
        for side, instances in self.sides.items():
            checked = state_checker(instances, reference)
            if not checked["valid"]:
                differences[side] = str(checked["details"]["differences"])
        return differences


def shown(result):
    """A result as the data set shows it to a model."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict):
        try:
            return json.dumps(result)
        except TypeError:
            pass
    return str(result)
