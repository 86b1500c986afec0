"""`History`: what a training run measured, epoch by epoch; it prints and plots itself."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any, overload

from ..errors import ArgumentError, MissingPackageError, compose
from .table import columns, duration, spell

SHOWN = 24  # rows of a table; of more the first and the last are shown


class History:
    """The measures of every epoch, as `fit` returns them.

    Parameters
    ----------
    rows : list of dict, optional
        One for each epoch: ``{"epoch": 1, "loss": 0.5, "val_loss": 0.6, ...}``.

    Attributes
    ----------
    rows : list of dict
    stop_reason : str or None
        Why training ended before the last epoch, if it did.

    Examples
    --------
    >>> from lucid.training import History
    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    [0.5, 0.25]
    >>> history
    epoch    loss
        1  0.5000
        2  0.2500
    >>> history.best("loss")
    {'epoch': 2, 'loss': 0.25}
    """

    def __init__(self, rows: Sequence[dict[str, Any]] = ()) -> None:
        self.rows: list[dict[str, Any]] = [dict(row) for row in rows]
        self.stop_reason: str | None = None

    @property
    def names(self) -> list[str]:
        """What was measured, in the order it came up."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    def __getitem__(self, key: Any) -> Any:
        """The values of one measure, by its name; or one epoch's row, by its index.

        Raises
        ------
        ArgumentError
            If no measure has that name.
        """
        if not isinstance(key, str):
            return self.rows[key]
        if key not in self.names:
            problem = f"there is no measure {key!r}"
            raise ArgumentError(compose("History", problem, fix=f"one of {self.names}"))
        return [row.get(key) for row in self.rows]

    def __len__(self) -> int:
        """How many epochs."""
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def best(self, name: str, mode: str = "min") -> dict[str, Any]:
        """The row of the best epoch, the first of equals.

        Parameters
        ----------
        name : str
        mode : {"min", "max"}, default "min"
            Whether lower or higher is better.

        Raises
        ------
        ArgumentError
            If no measure has that name, or no value of it is a number.
        """
        values = [math.nan if v is None else float(v) for v in self[name]]
        places = [i for i, value in enumerate(values) if not math.isnan(value)]
        if not places:
            raise ArgumentError(compose("History.best", f"{name} has no value that is a number"))
        pick = max if mode == "max" else min
        return self.rows[pick(places, key=values.__getitem__)]

    def __repr__(self) -> str:
        if not self.rows:
            return "History of no epochs"
        names, rows = self.names, self.rows
        cells = [[_cell(name, row.get(name)) for name in names] for row in rows]
        if len(cells) > SHOWN:
            half = SHOWN // 2
            cells = [*cells[:half], ["..."] * len(names), *cells[-half:]]
        lines = columns([names, *cells])
        if self.stop_reason is not None:
            lines.append(f"stopped: {self.stop_reason}")
        return "\n".join(lines)

    def plot(
        self, names: Sequence[str] | None = None, path: str | os.PathLike[str] | None = None
    ) -> Any:
        """Draw the measures over the epochs: one panel each, training beside validation.

        Parameters
        ----------
        names : sequence of str, optional
            Which measures, without ``val_``; by default the loss and every metric.
        path : str or path, optional
            A file to write the figure to.

        Returns
        -------
        matplotlib.figure.Figure
            It needs no display.

        Raises
        ------
        ArgumentError
            If there are no epochs, or no such measure.
        MissingPackageError
            If matplotlib is not installed.

        Examples
        --------
        >>> from lucid.training import History
        >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> figure = history.plot()
        >>> figure.axes[0].get_title(loc="left")
        'loss'
        """
        if not self.rows:
            raise ArgumentError(compose("History.plot", "there are no epochs to draw"))
        shown = self._measures() if names is None else list(names)
        try:
            from matplotlib.figure import Figure  # optional, and slow to import
            from matplotlib.ticker import MaxNLocator
        except ImportError as error:
            problem = "needs the package matplotlib, which is not installed"
            fix = "pip install 'lucid[training]'"
            raise MissingPackageError(compose("History.plot", problem, fix=fix)) from error
        figure = Figure(figsize=(4.2 * len(shown), 3.2), layout="constrained")
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        for axes, name in zip(panels, shown, strict=True):
            self._panel(axes, name)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if path is not None:
            figure.savefig(os.fspath(path), dpi=150)
        return figure

    def _measures(self) -> list[str]:
        apart = {"epoch", "lr", "seconds"}
        return [n for n in self.names if n not in apart and not n.startswith("val_")]

    def _panel(self, axes: Any, name: str) -> None:
        """One measure: training in blue, validation in orange, its best epoch marked."""
        epochs = [row["epoch"] for row in self.rows]
        lines = {"training": name, "validation": f"val_{name}"}
        known = {label: key for label, key in lines.items() if key in self.names}
        if not known:
            self[name]  # says which there are
        positive = True
        for label, colour in (("training", "#0072B2"), ("validation", "#D55E00")):
            if label in known:
                values = [math.nan if v is None else float(v) for v in self[known[label]]]
                marker = "o" if len(values) < 3 else None
                axes.plot(epochs, values, color=colour, label=label, linewidth=1.8, marker=marker)
                positive = positive and all(v > 0 or math.isnan(v) for v in values)
                ends = sorted(v for v in values if math.isfinite(v))
                positive = positive and bool(ends) and ends[-1] > 20 * ends[0]
        if positive:
            axes.set_yscale("log")
        axes.set_title(name, loc="left", fontweight="bold", fontsize=10)
        axes.set_xlabel("epoch")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#ECECEC")
        if len(known) > 1:
            axes.legend(frameon=False)


def _cell(name: str, value: Any) -> str:
    return duration(value) if name == "seconds" and value is not None else spell(value)
