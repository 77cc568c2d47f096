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
        cargo = ["cargo", "build", "--release", "--locked", "--package", "monty-host-cli"]
        subprocess.run(cargo, check=True, cwd=ROOT)
    if "monty-host" in names:
        # With the names of its functions, for a profile.
        package = ["--package", "host-benchmarks", "--bin", "host-benchmarks"]
        subprocess.run([HERE / "build", "rustc", *package, "--", "-C", "strip=none"], check=True)
    if "native" in names:
        subprocess.run([HERE / "native/build"], check=True)
    if "pool" in names and not (POOL / "bin/monty").exists():
        subprocess.run([sys.executable, "-m", "venv", POOL], check=True)
        package = f"pydantic-monty=={POOL_VERSION}"
        subprocess.run([POOL / "bin/pip", "install", "--quiet", package], check=True)


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
