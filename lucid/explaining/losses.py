"""What a regression loss does to residuals: in words, and as a figure of its three curves."""

from __future__ import annotations

import inspect
import io
import math
import os
import re
from html import escape
from typing import Any

import numpy as np

from ..core.tensor import values
from ..errors import ArgumentError, DTypeError, MissingPackageError, compose
from ..formulas.latex import plain, printable
from ..nn.losses.threshold import NORMAL_MAD
from ..nn.losses.threshold_loss import ThresholdLoss
from ..robust.influence import (
    Influence,
    at_normal,
    behaviour,
    gross_error_sensitivity,
    in_units,
    influence_of,
)
from ..robust.scale import mad_of

BLUE, ORANGE, GREY, SHADE = "#0072B2", "#D55E00", "#9AA5B1", "#F6F1EC"
PANELS = (
    ("loss", "ρ(r)", "what a residual costs"),
    ("influence", "ψ(r) = ρ′(r)", "how hard it pulls"),
    ("weight", "ψ(r) / r", "its pull, as a weight in least squares"),
)
_DISPLAY = re.compile(r"^\.\. math::[ \t]*(.*(?:\n(?:[ \t]+.*)?)*)", re.MULTILINE)
_NAMED = re.compile(r":math:`([a-z] = [^`]*)`", re.DOTALL)


class LossExplanation:
    """What `explain` returns for a regression loss: it prints as text, and plots itself.

    Parameters
    ----------
    loss : Module
    influence : Influence
    residuals : array, optional
        Flat and finite.
    limits : tuple of float, optional

    Attributes
    ----------
    name : str
    formulas : list of str
        The loss, its influence and its weight, as the docstring states them.
    threshold : float
        From where on a residual counts as an outlier; infinite where there is no such place.
    influence : {"unbounded", "bounded", "redescending"}
        What becomes of the pull of a residual far out: it grows, stays, or fades.
    largest_pull : float
        The largest abs(psi).
    efficiency : float
        Of the location estimate against the mean, under normal noise of the residuals' scale;
        of scale 1 where there are no residuals.
    scale : float or None
        The normalised median of the absolute residuals.
    share_beyond : float or None
        The share of residuals beyond the threshold.
    residuals : array or None
    limits : tuple of float
        What `plot` shows of the axis.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.explaining.losses import explain_loss
    >>> explain_loss(nn.TukeyBiweightLoss()).influence
    'redescending'
    """

    def __init__(
        self,
        loss: Any,
        influence: Influence,
        residuals: Any = None,
        limits: tuple[float, float] | None = None,
    ) -> None:
        self.name = influence.name
        self.title = repr(loss)
        self.argument = loss.argument if isinstance(loss, ThresholdLoss) else "threshold"
        self.formulas = _formulas(loss)
        self.curves = influence
        self.threshold = influence.threshold
        self.influence = behaviour(influence)
        self.largest_pull = gross_error_sensitivity(influence)
        self.residuals = residuals
        self.scale: float | None = None
        self.share_beyond: float | None = None
        if residuals is not None:
            self.scale = mad_of(residuals, 0.0) / NORMAL_MAD
            self.share_beyond = float((np.abs(residuals) > self.threshold).mean())
        moments = at_normal(in_units(influence, self.scale or 1.0))
        self.efficiency = moments.slope**2 / moments.power
        self.limits = limits or self._limits()

    def _limits(self) -> tuple[float, float]:
        """A few thresholds to both sides, or as far as nearly all residuals lie."""
        unit = self.threshold if 0 < self.threshold < math.inf else self.scale or 1.0
        reach = unit * (1.7 if self.influence == "redescending" else 3.0)
        if self.residuals is not None:
            far = 1.15 * float(np.quantile(np.abs(self.residuals), 0.98))
            reach = min(max(reach, far), 4 * reach)
        return -reach, reach

    def _repr_html_(self) -> str:
        """For notebooks: the words, and the figure where matplotlib is installed."""
        words = f"<pre>{escape(str(self))}</pre>"
        file = io.StringIO()
        try:
            self.plot().savefig(file, format="svg")
        except MissingPackageError:
            return words
        drawing = file.getvalue()
        return words + drawing[drawing.index("<svg") :]

    # ---- in words ---------------------------------------------------------------------

    def __str__(self) -> str:
        lines = [self.title, "", *(f"  {formula}" for formula in self.formulas)]
        told = {
            "threshold": self._threshold(),
            "far out": self._far_out(),
            "efficiency": self._efficiency(),
            "residuals": self._beyond(),
        }
        lines += [""] + [f"  {label:<12}{text}" for label, text in told.items() if text]
        return printable("\n".join(lines))

    def __repr__(self) -> str:
        return str(self)

    def _threshold(self) -> str:
        if math.isinf(self.threshold):
            return "none: no residual is an outlier to this loss"
        if self.threshold == 0:
            return "0: every residual is an outlier to this loss"
        units = ""
        if self.scale:
            units = f", {self.threshold / self.scale:.3g} times the scale of the residuals"
        return f"{self.argument} = {self.threshold:.4g}{units}"

    def _far_out(self) -> str:
        if self.influence == "unbounded":
            return "the influence is unbounded: the farther out, the harder a residual pulls"
        if self.influence == "bounded":
            return f"the influence is bounded: no residual pulls harder than {self._pull()}"
        return f"redescending: the pull rises to {self._pull()}, then fades towards 0"

    def _pull(self) -> str:
        return f"{self.largest_pull:.4g}"

    def _efficiency(self) -> str:
        noise = f"scale {self.scale:.3g}, as the residuals'" if self.scale else "scale 1"
        return f"{self.efficiency:.1%} of the mean's, if the noise is normal and of {noise}"

    def _beyond(self) -> str:
        if self.residuals is None:
            return ""
        count = len(self.residuals)
        if self.threshold in (0.0, math.inf):
            return f"{count}, of scale {self.scale:.4g}"
        beyond = round((self.share_beyond or 0.0) * count)
        return f"{beyond} of {count} beyond the threshold ({self.share_beyond:.1%})"

    # ---- as a figure ------------------------------------------------------------------

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the loss, its influence and its weight over the residual, and the residuals.

        Least squares is drawn in grey beside it, for comparison; beyond the threshold the
        ground is shaded.

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
        MissingPackageError
            If matplotlib is not installed.

        Examples
        --------
        >>> import lucid.nn as nn
        >>> from lucid.explaining.losses import explain_loss
        >>> figure = explain_loss(nn.HuberLoss()).plot()
        >>> [axes.get_title(loc="left").split()[0] for axes in figure.axes]
        ['loss', 'influence', 'weight']
        """
        try:
            from matplotlib.figure import Figure  # optional, and slow to import
        except ImportError as error:
            problem = "needs the package matplotlib, which is not installed"
            fix = "pip install 'lucid[training]'"
            raise MissingPackageError(compose("explain", problem, fix=fix)) from error
        shown = self.residuals is not None
        heights = [3, 3, 3, 1.8] if shown else [3, 3, 3]
        figure = Figure(figsize=(6.4, 8.4 if shown else 7.2), layout="constrained")
        panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        figure.suptitle(self.title, x=0.015, ha="left", fontweight="bold", fontsize=12)
        r = self._grid()
        parts = zip(panels[:3], PANELS, self._curves(r), strict=True)
        for axes, (word, symbol, meaning), curve in parts:
            _draw(axes, r, self.name, *curve)
            axes.set_title(word, loc="left", fontweight="bold", fontsize=10)
            axes.set_title(f"{symbol}: {meaning}", loc="right", fontsize=9, color="#52606D")
        panels[1].axhline(0, color=GREY, linewidth=0.6, zorder=1)
        if shown:
            self._draw_residuals(panels[3])
        for axes in panels:
            self._shade(axes)
        self._label(panels[0])
        panels[-1].set_xlabel("residual  r = input − target")
        panels[-1].set_xlim(*self.limits)
        if path is not None:
            figure.savefig(os.fspath(path), dpi=150)
        return figure

    def _grid(self) -> Any:
        """Points of the axis, with both sides of 0 and of the threshold among them."""
        low, high = self.limits
        even = np.linspace(low, high, 801)
        special = np.array([b for b in self.curves.breaks if low < b < high])
        near = 1e-9 * (high - low)
        return np.unique(np.concatenate([even, special - near, special + near]))

    def _curves(self, r: Any) -> list[tuple[Any, Any, tuple[float, float]]]:
        """For each panel the curve, that of least squares, and the heights to show."""
        with np.errstate(all="ignore"):
            rho, psi, weight = (f(r) for f in self.curves[1:4])
            at_zero = float(np.asarray(self.curves.weight(np.zeros(1)))[0])
        unit = at_zero if math.isfinite(at_zero) else 1.0
        top, pull = float(rho.max()), float(np.abs(psi).max())
        full = at_zero if math.isfinite(at_zero) else 4 * float(weight[[0, -1]].max())
        heights = (-0.05 * top, 1.12 * top), (-1.35 * pull, 1.35 * pull), (-0.06 * full, 1.2 * full)
        curves = (rho, psi, weight), (unit * r * r / 2, unit * r, np.full_like(r, unit))
        return list(zip(*curves, heights, strict=True))

    def _outside(self) -> list[tuple[float, float]]:
        """The parts of the axis that lie beyond the threshold."""
        low, high = self.limits
        sides = (low, -self.threshold), (self.threshold, high)
        return [(a, b) for a, b in sides if 0 < self.threshold < math.inf and a < b]

    def _shade(self, axes: Any) -> None:
        for low, high in self._outside():
            axes.axvspan(low, high, color=SHADE, zorder=0, linewidth=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, color=GREY)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(GREY)

    def _label(self, axes: Any) -> None:
        """Names where they are read without a legend's detour."""
        axes.legend(frameon=False, loc="upper center", fontsize=8)
        sides = self._outside()
        if sides and sides[-1][0] > 0:
            text = f"beyond {self.argument} = {self.threshold:.4g}"
            place = (sides[-1][1], 0.04)
            style = {"ha": "right", "fontsize": 8, "color": ORANGE}
            axes.annotate(text, place, xycoords=axes.get_xaxis_transform(), **style)

    def _draw_residuals(self, axes: Any) -> None:
        """A histogram, outliers in orange, with a rug where there are not too many."""
        low, high = self.limits
        r = self.residuals
        seen = r[(r >= low) & (r <= high)]
        width = (high - low) / 48
        if self._outside():  # no bar is to stand on both sides of the threshold
            width = self.threshold / max(round(self.threshold / width), 1)
        edges = width * np.arange(math.floor(low / width), math.ceil(high / width) + 1)
        beyond = np.abs(seen) > self.threshold
        parts, colours = [seen[~beyond], seen[beyond]], [BLUE, ORANGE]
        axes.hist(parts, edges, stacked=True, color=colours, alpha=0.85, linewidth=0)
        axes.set_ylim(bottom=-0.12 * max(axes.get_ylim()[1], 1.0))
        if len(seen) <= 500:
            transform = axes.get_xaxis_transform()
            for part, colour in zip(parts, colours, strict=True):
                axes.vlines(part, 0.0, 0.07, color=colour, linewidth=0.6, transform=transform)
        axes.set_title("residuals", loc="left", fontweight="bold", fontsize=10)
        axes.set_title(self._told(low, high), loc="right", fontsize=9, color="#52606D")

    def _told(self, low: float, high: float) -> str:
        parts = []
        if self._outside():
            parts.append(f"{self.share_beyond:.1%} beyond the threshold")
        hidden = int(((self.residuals < low) | (self.residuals > high)).sum())
        if hidden:
            parts.append(f"{hidden} off the axis")
        return ", ".join(parts) or f"{len(self.residuals)} of them"


def _draw(
    axes: Any, r: Any, name: str, curve: Any, square: Any, heights: tuple[float, float]
) -> None:
    """One curve over that of least squares."""
    axes.plot(r, square, color=GREY, linewidth=1.2, linestyle=(0, (4, 3)), label="least squares")
    axes.plot(r, curve, color=BLUE, linewidth=2.2, label=name, solid_capstyle="round")
    axes.set_ylim(*heights)
    axes.grid(axis="y", color="#E4E7EB", linewidth=0.6)
    axes.set_axisbelow(True)


def _formulas(loss: Any) -> list[str]:
    """What the docstring displays first, one formula a line, and what it names before."""
    text = inspect.getdoc(type(loss)) or ""
    display = _DISPLAY.search(text)
    if display is None:
        return []
    named = [plain(formula) for formula in _NAMED.findall(text[: display.start()])]
    block = re.split(r"\n[ \t]*\n(?=[ \t]*\S)", display[1].strip())[0]
    parts = re.split(r"\\qquad(?!\s*\()", block)  # but a condition in brackets stays with it
    shown = [plain(part).rstrip(",. ") for part in parts if part.strip()]
    return [*shown, f"with {', '.join(named)}"] if named else shown


def explain_loss(
    loss: Any, residuals: Any = None, limits: tuple[float, float] | None = None
) -> LossExplanation:
    """Say and draw what a regression loss does to residuals.

    Parameters
    ----------
    loss : Module
        A regression loss: anything with ``rho``, ``psi`` and ``weight`` of a residual.
    residuals : array or Tensor, optional
        input - target of some data, of any shape. What is not finite is left out. A threshold
        such as ``"mad"`` is read off them; without them it is that of standard normal noise.
    limits : tuple of float, optional
        The part of the axis to draw.

    Returns
    -------
    LossExplanation
        ``print`` shows it as text, ``plot()`` as a figure.

    Raises
    ------
    DTypeError
        If `loss` has no influence function, or the residuals are not real.
    ArgumentError
        If a parameter of the loss has several values, no residual is finite, or the limits do
        not rise.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> from lucid.explaining.losses import explain_loss
    >>> print(explain_loss(nn.HuberLoss(), lucid.tensor([0.1, -0.4, 0.6, 7.0])))
    HuberLoss(reduction='mean', delta=1.0)
    <BLANKLINE>
      ρ_δ(r) = { ½ r² if |r| ≤ δ; δ (|r| - ½ δ) otherwise }
      ψ_δ(r) = ρ′_δ(r) = min(max(r, -δ), δ)
      with r = input - target
    <BLANKLINE>
      threshold   delta = 1, 1.35 times the scale of the residuals
      far out     the influence is bounded: no residual pulls harder than 1
      efficiency  95.0% of the mean's, if the noise is normal and of scale 0.741, as the residuals'
      residuals   1 of 4 beyond the threshold (25.0%)
    """
    influence_of("explain", loss)  # refused before anything else is looked at
    flat = None if residuals is None else _flat(residuals)
    if limits is not None:
        limits = _checked(limits)
    return LossExplanation(loss, influence_of("explain", loss, flat), flat, limits)


def _flat(residuals: Any) -> Any:
    """The finite residuals as a flat array of float64."""
    raw = np.asarray(values(residuals))
    if raw.dtype.kind not in "biuf" and raw.dtype.name != "bfloat16":
        problem = "residuals must be real numbers"
        raise DTypeError(compose("explain", problem, {"residuals": residuals}))
    flat = raw.astype(np.float64).ravel()
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        problem = "there is no finite residual"
        raise ArgumentError(compose("explain", problem, {"residuals": residuals}))
    return flat


def _checked(limits: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in limits)
    except (TypeError, ValueError):
        low = high = math.nan
    if not -math.inf < low < high < math.inf:
        problem = f"limits must be two finite numbers that rise, not {limits!r}"
        raise ArgumentError(compose("explain", problem, fix="limits=(-5, 5)"))
    return low, high
