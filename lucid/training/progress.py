"""`Progress`: a line for every epoch, and a bar with the loss and the time that is left."""

from __future__ import annotations

import sys
import time
from typing import Any

from .callback import Callback
from .table import duration, spell

WIDTH = 10  # of a column


class Progress(Callback):
    """Show on standard error how a run is doing; `fit` adds it unless ``progress=False``.

    Every epoch leaves one line of a table. While it runs, a bar (of the package tqdm, if it
    is installed and somebody is watching: a terminal or a notebook) shows the loss, the
    metrics and the time left for all epochs.

    Parameters
    ----------
    stream : file, optional
        Where to write; by default ``sys.stderr``.

    Examples
    --------
    >>> import lucid, sys
    >>> from lucid import nn
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    >>> data = lucid.zeros(4, 1), lucid.zeros(4, 1)
    >>> table = lucid.training.Progress(sys.stdout)
    >>> _ = lucid.fit(
    ...     model, data, nn.MSELoss(), optimizer, callbacks=table, progress=False
    ... )  # doctest: +ELLIPSIS
      epoch        loss          lr        time
        1/1 ...      0.1000 ...
    """

    def __init__(self, stream: Any = None) -> None:
        self.stream = stream
        self._bar: Any = None

    def on_fit_begin(self, run: Any) -> None:
        """Write the head of the table."""
        self._out = sys.stderr if self.stream is None else self.stream
        self._columns = _ordered(run.measures)
        self._line(["epoch", *self._columns, "time"])
        self._shown = 0.0

    def on_epoch_begin(self, run: Any) -> None:
        """Open the bar, in the first epoch."""
        if self._bar is None:
            self._bar = _bar(self._out, run)
        if self._bar is not None:
            self._bar.set_description(f"epoch {run.epoch}/{run.epochs}", refresh=False)

    def on_batch_end(self, run: Any) -> None:
        """Move the bar; its words change ten times a second at most."""
        if self._bar is None:
            return
        now = time.perf_counter()
        if now - self._shown > 0.1:
            self._shown = now
            words = {"loss": spell(run.mean_loss)}
            words |= {m.name: spell(m.compute()) for m in run.metrics if m.name != "auc"}
            self._bar.set_postfix(words, refresh=False)
        self._bar.update(1)

    def on_epoch_end(self, run: Any) -> None:
        """Write the epoch's line."""
        if self._bar is not None and self._bar.total is None and run.batches:
            self._bar.total = run.batches * run.epochs
        cells = [spell(run.row.get(name)) for name in self._columns]
        self._line([f"{run.epoch}/{run.epochs}", *cells, duration(run.row["seconds"])])

    def on_fit_end(self, run: Any) -> None:
        """Take the bar away, and say why the run ended early, if it did."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if run.history.stop_reason is not None:
            self._write(f"stopped: {run.history.stop_reason}")

    def _line(self, cells: list[str]) -> None:
        first, *others = cells
        self._write(first.rjust(7) + "".join(f"  {cell:>{WIDTH}}" for cell in others))

    def _write(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(line, file=self._out)
        else:
            print(line, file=self._out, flush=True)


def _ordered(measures: dict[str, Any]) -> list[str]:
    """The loss and every metric, each beside its validation; the learning rate last."""
    names = [name for name in measures if not name.startswith("val_") and name != "lr"]
    pairs = [[name, f"val_{name}"] for name in names]
    return [*(name for pair in pairs for name in pair if name in measures), "lr"]


def _bar(stream: Any, run: Any) -> Any:
    """A bar over all batches of all epochs, or None where nobody would see it move."""
    watched = getattr(stream, "isatty", bool)() or "ipykernel" in sys.modules
    if not watched:
        return None
    try:
        from tqdm import tqdm  # optional
    except ImportError:
        return None
    total = None if run.batches is None else run.batches * run.epochs
    done = len(run.history) * (run.batches or 0) + run.batch
    return tqdm(total=total, initial=done, file=stream, leave=False, unit="batch")
