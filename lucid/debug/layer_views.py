"""How the statistics of layers are shown: as text, as HTML, and drawn over the steps."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ArgumentError, MissingPackageError, compose
from ..training.table import columns

HEADER = ("layer", "kind", "output", "zeros", "gradient", "zeros", "update")
_NAMED = 12  # lines of a figure that a legend can name


def cells(layer: Any) -> list[str]:
    """One row of the table."""
    out, grad = layer.output, layer.gradient
    update = "" if layer.update is None else f"{layer.update:.1e}"
    return [layer.name, layer.kind, _spread(out), _share(out), _spread(grad), _share(grad), update]


def _spread(moments: Any) -> str:
    if moments is None:
        return ""
    bad = f" ({moments.bad:,} bad)" if moments.bad else ""
    return f"{_short(moments.mean)} ± {_short(moments.std)}{bad}"


def _short(value: float) -> str:
    if value != 0 and not 1e-3 <= abs(value) < 1e4:
        return f"{value:.1e}"
    return f"{value:.3g}"


def _share(moments: Any) -> str:
    return "" if moments is None else f"{100 * moments.zero_share:.0f} %"


def as_text(step: int, layers: Sequence[Any], remarks: Sequence[str]) -> str:
    """The table, and the remarks beneath it."""
    lines = columns([HEADER, *map(cells, layers)], left=2)
    rule = "-" * max(map(len, lines))
    lines[1:1] = [rule]
    caption = f"after {step:,} step{'' if step == 1 else 's'}"
    return "\n".join([*lines, rule, caption, *(f"! {remark}" for remark in remarks)])


def as_html(step: int, layers: Sequence[Any], remarks: Sequence[str]) -> str:
    """The same for a notebook; a bar behind each share shows its size."""
    head = "".join(
        f'<th style="text-align:{"left" if i < 2 else "right"}">{name}</th>'
        for i, name in enumerate(HEADER)
    )
    body = "".join(f"<tr>{_html_cells(layer)}</tr>" for layer in layers)
    notes = "".join(f"<li>{html.escape(remark)}</li>" for remark in remarks)
    caption = f"after {step:,} step{'' if step == 1 else 's'}"
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{caption}</p>{f'<ul>{notes}</ul>' if notes else ''}"
    )


def _html_cells(layer: Any) -> str:
    shares = {3: layer.output, 5: layer.gradient}
    made = []
    for i, text in enumerate(cells(layer)):
        style = f"text-align:{'left' if i < 2 else 'right'};white-space:nowrap"
        if text and i in shares:
            percent = 100 * shares[i].zero_share
            style += f";background:linear-gradient(to left,#E69F0066 {percent:.0f}%,transparent 0)"
        made.append(f'<td style="{style}">{html.escape(text)}</td>')
    return "".join(made)


class Panel:
    """One panel of the figure: what it shows of a layer at a step, and how.

    Parameters
    ----------
    title : str
    kind : {"output", "gradient", "update"}
    measure : str, optional
        The attribute of the moments.
    log : bool, default True
    """

    def __init__(self, title: str, kind: str, measure: str | None, log: bool = True) -> None:
        self.title, self.kind, self.measure, self.log = title, kind, measure, log

    def value(self, layer: Any) -> float:
        """The number to draw; NaN where there is none, or none that can be drawn."""
        found = getattr(layer, self.kind)
        if found is not None and self.measure is not None:
            found = getattr(found, self.measure)
        return math.nan if found is None or (self.log and found <= 0) else float(found)


PANELS = (
    Panel("spread of outputs", "output", "std"),
    Panel("zeros among outputs", "output", "zero_share", log=False),
    Panel("size of gradients", "gradient", "rms"),
    Panel("update / weight", "update", None),
)


def draw(history: Mapping[int, Sequence[Any]], path: str | os.PathLike[str] | None) -> Any:
    """Draw the history: four panels, a line for each layer, from the first to the last.

    Raises
    ------
    ArgumentError
        If there is no step to draw.
    MissingPackageError
        If matplotlib is not installed.
    """
    if not history:
        problem = "there is no step to draw: no optimizer has updated the model so far"
        raise ArgumentError(compose("watch.plot", problem, fix="train some steps first"))
    try:
        from matplotlib import colormaps  # optional, and slow to import
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        problem = "needs the package matplotlib, which is not installed"
        fix = "pip install 'lucid[training]'"
        raise MissingPackageError(compose("watch.plot", problem, fix=fix)) from error
    figure = Figure(figsize=(9.6, 6.0), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True)
    names = list(dict.fromkeys(layer.name for row in history.values() for layer in row))
    shades = {
        n: colormaps["viridis"](0.92 * i / max(1, len(names) - 1)) for i, n in enumerate(names)
    }
    for axes, panel in zip(grid.flat, PANELS, strict=True):
        _draw_panel(axes, panel, history, shades)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in grid[-1]:
        axes.set_xlabel("step")
    _name_lines(figure, grid, shades)
    if path is not None:
        figure.savefig(os.fspath(path), dpi=150)
    return figure


def _draw_panel(axes: Any, panel: Panel, history: Mapping[int, Sequence[Any]], shades: Any) -> None:
    marker = "o" if len(history) < 3 else None
    drawn = False
    for name, shade in shades.items():
        found = {
            step: panel.value(layer)
            for step, row in history.items()
            for layer in row
            if layer.name == name
        }
        if any(value > 0 for value in found.values()):
            axes.plot([*found], [*found.values()], color=shade, linewidth=1.5, marker=marker)
            drawn = True
    if not drawn:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color="#777777")
    _scale(axes, panel.log and drawn)
    if panel.kind == "update":
        axes.axhline(1e-3, color="#999999", linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
        at = {"xy": (1.0, 1e-3), "xycoords": ("axes fraction", "data")}
        axes.annotate(
            "usual", **at, xytext=(-2, 2), textcoords="offset points", ha="right", va="bottom",
            fontsize=8, color="#777777",
        )  # fmt: skip
    axes.set_title(panel.title, loc="left", fontweight="bold", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#ECECEC")


def _scale(axes: Any, log: bool) -> None:
    """Plain numbers on a logarithmic axis, also between the powers of ten where there are few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

    if not log:
        axes.set_ylim(-0.03, 1.03)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        return
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    few = high < 100 * low
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5) if few else tuple(range(2, 10))))
    axes.yaxis.set_minor_formatter(plain if few else NullFormatter())


def _name_lines(figure: Any, grid: Any, shades: dict[str, Any]) -> None:
    """A legend beside the panels; of many layers only some are named."""
    from matplotlib.lines import Line2D  # there: `draw` has imported it

    every = max(1, -(-len(shades) // _NAMED))
    shown = [*shades][::every]
    lines = [Line2D([], [], color=shades[name], linewidth=2.5) for name in shown]
    title = "layer" if every == 1 else f"layer (one in {every})"
    figure.legend(lines, shown, title=title, loc="outside right upper", frameon=False)
