"""The data sets by their names."""

from . import bfcl, tau2

# The categories of BFCL, and the desks of tau2.
SETS = {
    "bfcl base": (bfcl, "base"),
    "bfcl long context": (bfcl, "long_context"),
    "bfcl missing functions": (bfcl, "miss_func"),
    "bfcl missing parameters": (bfcl, "miss_param"),
    "tau2 retail": (tau2, "retail"),
    "tau2 airline": (tau2, "airline"),
}

# Replayed, and not counted: the calls are those of the first set, spread over other
# messages.
NOT_COUNTED = {"bfcl missing functions", "bfcl missing parameters"}


def everything():
    """What the program reads: the sets, and the tools to choose from besides."""
    return {
        "sets": [
            {
                "name": name,
                "is_counted": name not in NOT_COUNTED,
                "tasks": list(module.tasks(part)),
            }
            for name, (module, part) in SETS.items()
        ],
        "others": bfcl.single_tools(),
    }
