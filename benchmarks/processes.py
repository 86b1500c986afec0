"""What is measured from outside: starting a process, and the size of what is installed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from .turns import ROOT, Contest, WorkerError, clean_environment, last_line

SCRIPTS = {
    "import": "import {lib}",
    "cold": (
        "import {lib}; from {lib} import nn\n"
        "input = {lib}.tensor([[1.0, 2.0]], requires_grad=True)\n"
        "output = nn.Linear(2, 1)(input)\n"
        "nn.HuberLoss()(output, {lib}.tensor([[3.0]])).backward()\n"
        "assert input.grad is not None\n"
    ),
}
INSTALLED = {"core": ["numpy"], "jit": ["numpy", "numba", "threadpoolctl"]}


def start_times(script: str, libraries: list[str], runs: int) -> Contest:
    """Wall seconds of whole processes that run a script, in turns; the first run warms up.

    Raises
    ------
    WorkerError
        If a script fails.
    """
    times: list[list[float]] = [[], []]
    for turn in range(runs + 1):
        for i, lib in enumerate(libraries):
            command = [sys.executable, "-c", SCRIPTS[script].format(lib=lib)]
            start = time.perf_counter()
            done = subprocess.run(
                command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True
            )
            if done.returncode:
                raise WorkerError(f"{lib}: {last_line(done.stderr.splitlines())}")
            if turn:
                times[i].append(time.perf_counter() - start)
    return Contest(*times)


def lucid_bytes(extra: str) -> int:
    """Bytes on disk of Lucid and what it needs, ``core`` or ``jit``."""
    own = sum(path.stat().st_size for path in (ROOT / "lucid").rglob("*") if _is_shipped(path))
    return own + installed_bytes(INSTALLED[extra])


def _is_shipped(path: Path) -> bool:
    return path.is_file() and path.suffix in (".py", ".pyi", ".pyc", ".typed")


def installed_bytes(packages: list[str]) -> int:
    """Bytes on disk of packages and, without their extras, of all that they require.

    Raises
    ------
    metadata.PackageNotFoundError
        If one of the named packages is not installed.
    """
    found: dict[str, int] = {}
    waiting = [(name, True) for name in packages]
    while waiting:
        name, named = waiting.pop()
        if name.lower() in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if named:
                raise
            continue  # required on some other platform only
        files = (Path(str(package.locate_file(f))) for f in package.files or ())
        found[name.lower()] = sum(path.stat().st_size for path in files if path.is_file())
        waiting += [(_name(r), False) for r in package.requires or () if "extra ==" not in r]
    return sum(found.values())


def _name(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    assert match is not None
    return match.group()
