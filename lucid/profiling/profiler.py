"""`profile`: where the time of a program goes, by op, by kernel and by module."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from time import perf_counter_ns
from typing import Any

from ..errors import ArgumentError, DTypeError, compose
from ..nn.module import Module
from . import flame, kernel_calls, module_calls, op_calls, text, totals, trace
from .log import Log
from .spans import Span, tree

_taken = threading.Lock()  # held while a profile runs: what it exchanges is there only once


class Profile:
    """What `profile` returns: it records within a ``with`` block, and tells afterwards.

    Printed, it is a table of the ops, one of the kernels and one of the modules.

    Parameters
    ----------
    model : Module, optional
    modules, shapes, memory : bool, default True
        All as `profile` takes them.

    Attributes
    ----------
    wall_time : float
        Seconds from the beginning of the block to its end.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.ones(4, 4, requires_grad=True)
    >>> with lucid.profile() as p:
    ...     x.exp().sum().backward()
    >>> sorted(row["op"] for row in p.by_op() if row["pass"] == "forward")
    ['exp', 'sum']
    """

    def __init__(
        self,
        model: Module | None = None,
        *,
        modules: bool = True,
        shapes: bool = True,
        memory: bool = True,
    ) -> None:
        if model is not None and not isinstance(model, Module):
            problem = f"model must be an nn.Module, not {type(model).__name__}"
            raise DTypeError(compose("profile", problem, {"model": model}))
        if model is not None and not modules:
            problem = "a model is given, but its modules are not to be recorded"
            raise ArgumentError(compose("profile", problem, fix="leave out one of model, modules"))
        self._model = model
        self._options = {"modules": modules, "shapes": shapes, "memory": memory}
        self._log: Log | None = None
        self._stack = ExitStack()
        self._began = self._ended = 0
        self._tree: list[Span] | None = None

    # ---- recording ----------------------------------------------------------------------

    def __enter__(self) -> Profile:
        if self._log is not None:
            problem = "this profile was used already"
            raise ArgumentError(compose("profile", problem, fix="make a new one: lucid.profile()"))
        if not _taken.acquire(blocking=False):
            problem = "another profile is running, and profiles cannot be nested"
            fix = "leave its with block first, or profile both parts in one block"
            raise ArgumentError(compose("profile", problem, fix=fix))
        self._log = log = Log(threading.get_ident())
        with ExitStack() as stack:
            stack.callback(_taken.release)
            stack.enter_context(kernel_calls.timed(log))
            if self._options["modules"]:
                stack.enter_context(module_calls.timed(log, self._model))
            shapes, memory = self._options["shapes"], self._options["memory"]
            stack.enter_context(op_calls.timed(log, shapes, memory))
            self._stack = stack.pop_all()
        self._model = None  # what was recorded holds names alone
        self._began = perf_counter_ns()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended = perf_counter_ns()
        self._stack.close()

    def _spans(self, where: str) -> list[Span]:
        """What was recorded, as a tree.

        Raises
        ------
        ArgumentError
            If nothing was recorded yet, or the ``with`` block is not left.
        """
        where = f"profile.{where}"
        if self._log is None:
            problem = "nothing was recorded, because the profile was never entered"
            fix = "with lucid.profile() as p: train_step()"
            raise ArgumentError(compose(where, problem, fix=fix))
        if not self._ended:
            problem = "the profile is still recording"
            raise ArgumentError(
                compose(where, problem, fix=f"leave the with block before p.{where[8:]}")
            )
        if self._tree is None:
            self._tree = tree(self._log.entries)
            self._log.entries = []
        return self._tree

    @property
    def _wall(self) -> int:
        """Nanoseconds that the block took."""
        return max(self._ended - self._began, 1)

    @property
    def wall_time(self) -> float:
        """Seconds from the beginning of the block to its end; 0.0 before."""
        return self._wall / totals.SECOND if self._ended else 0.0

    # ---- as plain data ------------------------------------------------------------------

    def by_op(self, sort: str = "time") -> list[dict[str, Any]]:
        """One dict for each op and pass, and for each optimizer.

        Parameters
        ----------
        sort : str, default "time"
            The key to sort by: names from a to z, numbers from the largest down.

        Returns
        -------
        list of dict
            With ``op``, ``pass`` ("forward", "backward" or "optimizer"), ``calls``; in seconds
            ``time`` (without other ops that ran within it: these add up), ``total`` (with
            them), ``mean`` and ``longest`` of a call; ``share`` of `wall_time`; ``bytes`` of the
            arrays that it returned, in the backward pass its gradients, 0 for a view (None
            with ``memory=False``); and ``kernels``, the seconds in each kernel by its name.

        Raises
        ------
        ArgumentError
            If `sort` is no key of these, or nothing has been recorded.
        """
        rows = totals.by_op(self._spans("by_op"), self._wall, self._options["memory"])
        return totals.sort(rows, sort, "profile.by_op")

    def by_kernel(self, sort: str = "time") -> list[dict[str, Any]]:
        """One dict for each kernel.

        Parameters
        ----------
        sort : str, default "time"
            The key to sort by.

        Returns
        -------
        list of dict
            With ``kernel``, ``kind`` ("Numba", or "NumPy" for the products of matrices, which
            stand under "BLAS"), ``calls``, ``time``, ``share``, ``mean``, ``longest``, and
            ``ops``, the seconds in each op by its name.

        Raises
        ------
        ArgumentError
            If `sort` is no key of these, or nothing has been recorded.
        """
        rows = totals.by_kernel(self._spans("by_kernel"), self._wall)
        return totals.sort(rows, sort, "profile.by_kernel")

    def by_module(self, sort: str = "time") -> list[dict[str, Any]]:
        """One dict for each module that was called.

        Parameters
        ----------
        sort : str, default "time"
            The key to sort by.

        Returns
        -------
        list of dict
            With ``module``, its path, which begins with the class of the outermost one (empty
            for what ran outside of all); ``kind``, its class; ``calls``; in seconds ``time``
            (without its submodules: these add up), ``forward`` and ``backward`` with them, and
            their sum, ``total``; ``share`` of `wall_time`, of ``time``; and ``bytes``. Forward
            counts the Python of the module as well as its ops; backward counts the rules of
            those ops, whenever they ran.

        Raises
        ------
        ArgumentError
            If `sort` is no key of these, or no modules have been recorded.
        """
        spans = self._spans("by_module")
        if not self._options["modules"]:
            problem = "modules were not recorded"
            fix = "lucid.profile(modules=True)"
            raise ArgumentError(compose("profile.by_module", problem, fix=fix))
        rows = totals.by_module(spans, self._wall, self._options["memory"])
        return totals.sort(rows, sort, "profile.by_module")

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, which JSON can hold.

        Returns
        -------
        dict
            With ``wall_time`` in seconds, ``explained`` (the share of it within ops and
            optimizer steps), ``passes`` (seconds of each pass), and ``ops``, ``kernels`` and
            ``modules`` as `by_op`, `by_kernel` and `by_module` give them.

        Raises
        ------
        ArgumentError
            If nothing has been recorded.
        """
        spans = self._spans("to_dict")
        return {
            "wall_time": self.wall_time,
            "explained": totals.explained(spans) / self._wall,
            "passes": totals.passes(spans),
            "ops": self.by_op(),
            "kernels": self.by_kernel(),
            "modules": self.by_module() if self._options["modules"] else [],
        }

    # ---- as text, figure and file ---------------------------------------------------------

    def table(self, by: str = "op", sort: str = "time", limit: int | None = 20) -> str:
        """One of the tables that a printed profile shows.

        Parameters
        ----------
        by : {"op", "kernel", "module"}, default "op"
        sort : str, default "time"
            The key to sort by, as for `by_op`, `by_kernel` and `by_module`.
        limit : int, optional
            How many rows at most, None for all; the last line is the total of all rows.

        Returns
        -------
        str

        Raises
        ------
        ArgumentError
            If `by` or `sort` is not among these, or nothing has been recorded.
        """
        ways = {"op": self.by_op, "kernel": self.by_kernel, "module": self.by_module}
        if by not in ways:
            problem = f"there is no table by {by!r}"
            raise ArgumentError(compose("profile.table", problem, fix=f"one of {list(ways)}"))
        self._spans("table")
        return "\n".join(text.table(by, ways[by](sort), limit))

    def __repr__(self) -> str:
        if self._log is None:
            return "<profile that was never entered; with lucid.profile() as p: train_step()>"
        if not self._ended:
            return "<profile that is still recording>"
        spans = self._spans("table")
        parts = [self.table("op"), self.table("kernel", limit=10)]
        if self._options["modules"]:
            parts.append(self.table("module", limit=10))
        last = text.explanation(self.wall_time, totals.explained(spans) / totals.SECOND)
        return "\n\n".join([*filter(None, parts), last])

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw a flame graph: passes, in them modules, in those ops; width is time.

        Parameters
        ----------
        path : str or path, optional
            A file to write the figure to.

        Returns
        -------
        matplotlib.figure.Figure
            It needs no display.

        Raises
        ------
        ArgumentError
            If nothing has been recorded.
        MissingPackageError
            If matplotlib is not installed.
        """
        figure = flame.draw(self._spans("plot"), self._wall)
        if path is not None:
            figure.savefig(os.fspath(path), dpi=150)
        return figure

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write a trace that ``chrome://tracing`` and https://ui.perfetto.dev open.

        Each op, kernel, module and optimizer step is one event; those of ops say the shapes and
        dtypes of the inputs, and the module. The file appears complete or not at all.

        Parameters
        ----------
        path : str or path
            The file; what is there already is replaced.

        Raises
        ------
        ArgumentError
            If nothing has been recorded, or the folder does not exist.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import json, os, tempfile
        >>> import lucid
        >>> with lucid.profile() as p:
        ...     y = lucid.ones(2, 3).exp()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "trace.json")
        ...     p.export(path)
        ...     with open(path) as file:
        ...         events = json.load(file)["traceEvents"]
        >>> [e["args"] for e in events if e["name"] == "exp"]
        [{'module': '', 'shapes': [[2, 3]], 'dtypes': ['float32']}]
        """
        trace.write(self._spans("export"), self._began, path)


def profile(
    model: Module | None = None,
    *,
    modules: bool = True,
    shapes: bool = True,
    memory: bool = True,
) -> Profile:
    """Record where the time goes within a ``with`` block.

    Parameters
    ----------
    model : Module, optional
        Its submodules go by their paths in it even where they are called on their own;
        otherwise a path begins at whichever module is called first. Not needed.
    modules : bool, default True
        Record which module each op belongs to.
    shapes : bool, default True
        Record the shapes and dtypes of the inputs of each op, for `Profile.export`.
    memory : bool, default True
        Record the bytes in what each op returns.

    Returns
    -------
    Profile
        Prints as a table; `plot`, `export`, `by_op`, `by_kernel`, `by_module`, `to_dict`.

    Raises
    ------
    DTypeError
        If `model` is no module.
    ArgumentError
        If it is given with ``modules=False``. On entering: if another profile runs.

    Notes
    -----
    Only the thread that entered the block is recorded: not the workers of a data loader, nor
    the threads that help a kernel, whose work stands in the time of the kernel that waits for
    them.

    The first calls of a program load or compile kernels and are much slower; profile some steps
    after a few others, or after `lucid.warmup`. Recording takes about 1 us an op, module call
    and kernel call, most of it outside the times that are shown, and some 0.3 KiB of memory.

    Numba's kernels are timed one by one. Products of matrices cannot be, because ``a @ b`` goes
    straight into NumPy: what an op made of products (`linear`, `matmul`, a convolution,
    attention, a recurrent layer) spends outside of Numba's kernels counts as "BLAS". For small
    arrays much of that is the calls around the product. Layers that `nn.Sequential` runs as one
    op stand as that one op, of the container.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1))
    >>> with lucid.profile() as p:
    ...     model(lucid.ones(16, 8)).mean().backward()
    >>> [row["module"] for row in p.by_module(sort="module")]
    ['', 'Sequential', 'Sequential.1']
    """
    return Profile(model, modules=modules, shapes=shapes, memory=memory)
