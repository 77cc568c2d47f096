"""Holds what the tools of a task act on, for the program that replays it.

Reads lines of JSON and answers each with one:

  {"open": TASK, "set": NAME}           begins with a task
  {"side": NAME}                        calls act on this side's state from here on
  {"call": NAME, "arguments": {...}}    makes a call
  {"compare": true}                     how the sides differ at the end
"""

import contextlib
import json
import sys

from data.sets import SETS


class Bridge:
    def answer(self, request):
        if "open" in request:
            module, part = SETS[request["set"]]
            self.replay = module.Replay(part, request["open"])
            self.logs = {}
            return {}
        if "side" in request:
            self.side = request["side"]
            self.log = self.logs.setdefault(self.side, [])
            return {}
        if "call" in request:
            called = self.replay.call(self.side, request["call"], request["arguments"])
            self.log.append((request["call"], called["text"]))
            return called
        return self.compare()

    def compare(self):
        differences = self.replay.compare()
        first = self.logs["direct"]
        for side, log in self.logs.items():
            if log != first:
                place = next((i for i, (a, b) in enumerate(zip(log, first)) if a != b), min(len(log), len(first)))
                differences.setdefault(side, f"call {place + 1} is {log[place:][:1]}, not {first[place:][:1]}")
        return differences


def main():
    bridge = Bridge()
    for line in sys.stdin:
        # What the sources print is not for the program.
        with contextlib.redirect_stdout(sys.stderr):
            answered = bridge.answer(json.loads(line))
        print(json.dumps(answered), flush=True)


main()
