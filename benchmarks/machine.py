"""What the figures were measured on: cores, load, memory, versions."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

STATUS = Path("/proc/self/status")
BUSY = 0.5  # load average above which figures are doubtful


def cores() -> int:
    """The number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load_average() -> float | None:
    """Processes that wanted a core over the last minute; None where that is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def resident_memory() -> int:
    """Bytes of memory this process holds now (where the system tells only a peak: that)."""
    if STATUS.exists():
        return _status("VmRSS")
    return peak_memory()


def peak_memory() -> int:
    """The most bytes of memory this process held since `forget_peak`, or since its start."""
    if STATUS.exists():
        return _status("VmHWM")
    import resource  # not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """Let `peak_memory` start anew from what is held now, where the system can."""
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")


def _status(field: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(f"{STATUS} has no {field}")


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def description() -> dict[str, str]:
    """Everything a reader needs to judge a figure."""
    facts = {
        "processor": processor(),
        "cores": str(cores()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }
    for name in ("numpy", "numba", "torch", "jax"):
        try:
            facts[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            facts[name] = "not installed"
    return facts
