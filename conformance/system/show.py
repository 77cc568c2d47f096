import os
from pathlib import Path

# The longest name that a file can have.
long = "x" * 255


def show(label, action):
    try:
        result = repr(action())
    except Exception as error:
        result = type(error).__name__ + ": " + str(error)
    print(label + " | " + result.replace(root, "$root").replace(long, "$long"))


