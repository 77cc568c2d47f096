"""Builds or installs the competitors."""

import os
import subprocess
import sys
from pathlib import Path

from .rows import HERE

ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# The version that monty.patch and the guest's Cargo.toml are of.
POOL_VERSION = "1.4.0"
POOL = TARGET / "benchmarks-pool"


def build(names, command):
    """Builds what these competitors need, and the command if that is measured too."""
    if command:
        cargo(ROOT, "--package", "monty-host-cli")
    if "monty-host" in names:
        # With what the workspace has compiled already.
        cargo(HERE, "--package", "host-benchmarks")
    if "native" in names:
        subprocess.run([HERE / "native/build"], check=True)
    if "pool" in names and not (POOL / "bin/monty").exists():
        subprocess.run([sys.executable, "-m", "venv", POOL], check=True)
        package = f"pydantic-monty=={POOL_VERSION}"
        subprocess.run([POOL / "bin/pip", "install", "--quiet", package], check=True)


def cargo(folder, *arguments):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    command = ["cargo", "build", "--release", "--locked", *arguments]
    subprocess.run(command, check=True, cwd=folder, env=environment)


def commands(names, components):
    """How each competitor is started."""
    host = TARGET / "release/host-benchmarks"
    known = {
        "monty-host": [host],
        "native": [HERE / "native/target/release/native-benchmarks"],
        "pool": [POOL / "bin/python", "-B", HERE / "competitors/pool.py"],
        "cpython": [sys.executable, "-B", HERE / "competitors/cpython.py"],
    }
    for name in names:
        if name not in known:
            raise RuntimeError(f"no competitor `{name}`: {', '.join(known)}")
    chosen = {name: known[name] for name in names}
    for component in components:
        name, _, path = component.partition("=")
        chosen[name] = [host, path]
    return chosen
