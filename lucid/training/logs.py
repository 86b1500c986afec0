"""Logs of a training run in files: comma-separated values, and TensorBoard's events."""

from __future__ import annotations

import csv
import importlib
import os
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, MissingPackageError, compose
from .callback import Callback


class CSVLogger(Callback):
    """Write a line of comma-separated values after every epoch.

    The file begins anew with every run; that of a resumed run holds its earlier epochs too.

    Parameters
    ----------
    path : str or path
        Its folder is made if there is none.

    Examples
    --------
    >>> import lucid, tempfile
    >>> from lucid import nn
    >>> folder = tempfile.TemporaryDirectory()
    >>> model = nn.Linear(1, 1)
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    >>> log = lucid.training.CSVLogger(f"{folder.name}/log.csv")
    >>> data = lucid.zeros(4, 1), lucid.zeros(4, 1)
    >>> _ = lucid.fit(model, data, nn.MSELoss(), optimizer, callbacks=log, progress=False)
    >>> print(log.path.read_text().splitlines()[0])
    epoch,loss,lr,seconds
    >>> folder.cleanup()
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_fit_begin(self, run: Any) -> None:
        """Begin the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._names: list[str] = []
        self.path.write_text("", encoding="utf-8")
        for row in run.history:
            self._append(row)

    def on_epoch_end(self, run: Any) -> None:
        """Write the epoch's line."""
        self._append(run.row)

    def _append(self, row: dict[str, Any]) -> None:
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            first = not self._names
            self._names = self._names or list(row)
            writer = csv.DictWriter(file, self._names, extrasaction="ignore", lineterminator="\n")
            if first:
                writer.writeheader()
            writer.writerow(row)


class TensorBoard(Callback):
    """Write event files for TensorBoard, with the package tensorboardX or tensorboard.

    Measures of training and validation share a chart: ``loss/train`` and ``loss/validation``.

    Parameters
    ----------
    folder : str or path
        One for each run: ``tensorboard --logdir`` of the folder above shows them together.
    every_updates : int, optional
        Write the loss of the last batch too, every so many updates, as ``loss/batch``.

    Raises
    ------
    ArgumentError
        If `every_updates` is not a positive integer.
    MissingPackageError
        In `fit`, if neither package is installed.

    Examples
    --------
    >>> import lucid
    >>> log = lucid.training.TensorBoard("runs/first")
    >>> log.folder.name
    'first'
    """

    def __init__(self, folder: str | os.PathLike[str], every_updates: int | None = None) -> None:
        if every_updates is not None and (not isinstance(every_updates, int) or every_updates < 1):
            problem = f"every_updates must be a positive integer, not {every_updates!r}"
            raise ArgumentError(compose("TensorBoard", problem))
        self.folder = Path(folder)
        self.every_updates = every_updates
        self._writer: Any = None

    def on_fit_begin(self, run: Any) -> None:
        """Open an event file."""
        self._writer = _writer(str(self.folder))

    def on_update(self, run: Any) -> None:
        """Write the loss of a batch."""
        if self.every_updates is not None and run.updates % self.every_updates == 0:
            self._writer.add_scalar("loss/batch", run.loss, run.updates)

    def on_epoch_end(self, run: Any) -> None:
        """Write the epoch's measures."""
        for name, value in run.row.items():
            if name not in ("epoch", "seconds"):
                self._writer.add_scalar(_tag(name), value, run.epoch)
        self._writer.flush()

    def on_fit_end(self, run: Any) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _tag(name: str) -> str:
    if name.startswith("val_"):
        return f"{name[4:]}/validation"
    return name if name == "lr" else f"{name}/train"


def _writer(folder: str) -> Any:
    """A writer of event files, from whichever package there is."""
    for package, maker in (("tensorboardX", "SummaryWriter"), ("tensorboard.summary", "Writer")):
        try:
            return getattr(importlib.import_module(package), maker)(folder)
        except ImportError:
            continue
    problem = "needs the package tensorboardX or tensorboard, and neither is installed"
    raise MissingPackageError(
        compose("TensorBoard", problem, fix="pip install 'lucid[tensorboard]'")
    )
