"""What can be switched: the state of each thread, and the settings of the process.

`LOCAL.state` belongs to one thread, so that ``no_grad`` in a data-loading thread leaves the
training thread alone. `SETTINGS` belongs to the process.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

# Arithmetic that leaves the finite numbers (1/0, log(-1), overflow) answers with inf or NaN
# in silence, as PyTorch does. `np.errstate` would cost 1 us an op; this filter costs nothing,
# touches no setting of the user's own NumPy, and names our modules alone.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"lucid\.")


class State:
    """What one thread is doing: does it record, and does anybody stand between it and its ops?

    The last four are set by `core.interception`, `lifting` by `func.vmap`, within which ops are
    given to it whole.
    """

    __slots__ = ("grad_enabled", "hook", "inference", "lifting", "origin", "pass_ends", "rule_hook")

    def __init__(self) -> None:
        self.grad_enabled = True
        self.inference = False
        self.pass_ends: list[Callable[[], Any]] | None = None  # see core.hooks.at_end
        self.hook: Callable[..., Any] | None = None
        self.rule_hook: Callable[..., Any] | None = None
        self.origin: Callable[[], Any] | None = None
        self.lifting: Callable[..., Any] | None = None


class _Local(threading.local):
    def __init__(self) -> None:
        self.state = State()


class Settings:
    """Process-wide settings, read by everything below."""

    __slots__ = ("default_dtype", "jit")

    def __init__(self) -> None:
        self.default_dtype = np.dtype(np.float32)
        self.jit = os.environ.get("LUCID_JIT", "auto")  # "0" never, "1" at once, else "auto"


LOCAL = _Local()
SETTINGS = Settings()
