"""`Curve`: a loss as a curve over the residual. Every regression loss is one.

A curve is its value rho(r), its slope psi(r) (the influence function: how hard an element
pulls) and its weight psi(r) / r (what share of a least-squares pull that is). From these it
declares two primitives: the loss element by element, and the loss summed in a single pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import samples as draws
from ...core.primitive import Primitive, primitive
from ...core.tensor import values
from ...kernels.regression import Fused
from ...ops.selection import where


class Curve:
    """A loss of the residual r = input - target.

    Parameters
    ----------
    name : str
        Name of the loss, the prefix of its two primitives.
    rho : callable
        ``rho(r, *params)`` on NumPy arrays: the value.
    psi : callable
        ``psi(r, *params)``, the slope, written like a gradient rule: on arrays or tensors.
    weight : callable
        ``weight(r, *params)`` on arrays or tensors: psi(r) / r, with its limit at 0.
    towards : sequence of callable
        For each parameter ``(r, *params)`` on arrays or tensors: the slope of rho along it.
    fused : Fused, optional
        The kernel that sums the loss and writes psi in one pass.
    sample_params : sequence of float
        Parameters for the samples.
    """

    __slots__ = ("elementwise", "fused", "name", "psi", "reduced", "rho", "towards", "weight")

    def __init__(
        self,
        name: str,
        rho: Callable[..., Any],
        psi: Callable[..., Any],
        weight: Callable[..., Any],
        towards: Sequence[Callable[..., Any]] = (),
        fused: Fused | None = None,
        sample_params: tuple[float, ...] = (),
    ) -> None:
        self.name = name
        self.rho = rho
        self.psi = psi
        self.weight = weight
        self.towards = tuple(towards)
        self.fused = fused
        self.elementwise = _declare_elementwise(self, sample_params)
        self.reduced = _declare_reduced(self, sample_params)

    def total(
        self,
        x: Any,
        t: Any,
        w: Any = None,
        pull: Any = None,
        *,
        scale: float,
        params: tuple[float, ...],
        gradient: bool = True,
    ) -> tuple[Any, Any]:
        """The scaled sum of the loss and, where wanted, its scaled gradient, in one pass.

        `w` are weights, and `pull` the scale that goes with them.
        """
        if w is not None:
            scale = pull
        fused = self.fused
        done = None if fused is None else fused.run(x, t, w, scale, gradient, *params)
        total, psi = done or self._reference(x, t, w, scale, params, gradient)
        result = total * scale
        if result == math.inf:
            result = self._without_overflow(x, t, w, scale, params)
        return np.asarray(result, x.dtype), psi

    def _reference(
        self, x: Any, t: Any, w: Any, scale: float, params: tuple[float, ...], gradient: bool
    ) -> tuple[float, Any]:
        """What the kernel computes, in plain NumPy: its specification."""
        r = np.asarray(x - t)
        if w is not None:
            r = np.where(w != 0, r, 0)
        loss = self.rho(r, *params)
        psi = self.psi(r, *params) * scale if gradient else None
        if w is not None:
            loss = loss * w
            psi = psi * w if gradient else None
        return float(np.add.reduce(loss, axis=None, dtype=np.float64)), psi

    def _without_overflow(
        self, x: Any, t: Any, w: Any, scale: float, params: tuple[float, ...]
    ) -> float:
        """The scaled sum, each element widened and scaled before it is added."""
        r = np.asarray(x, np.float64) - np.asarray(t, np.float64)
        if w is not None:
            r = np.where(w != 0, r, 0)
        loss = self.rho(r, *params) * scale
        return float(np.sum(loss if w is None else loss * w))


def _declare_elementwise(curve: Curve, params: tuple[float, ...]) -> Primitive:
    """The loss of each residual; the parameters are inputs, so they can be learned."""

    def samples(draw: draws.Draw) -> list[draws.Sample]:
        fixed = [draw.sample(draw.apart(3, 4), *params), draw.sample(draw.apart(), *params)]
        if not params:
            return fixed
        each = [np.full(4, p, draw.dtype) + np.arange(4) * 0.13 for p in params]
        return [*fixed, draw.sample(draw.apart(3, 4), *(e.astype(draw.dtype) for e in each))]

    saves = ("r", "params") if params else ("r",)

    @primitive(f"{curve.name}_rho", saves=saves, broadcasts=True, samples=samples)
    def rho(r: Any, *params: Any) -> Any:
        return curve.rho(r, *params)

    @rho.rule
    def _(g, y, r, *params, needs):
        along = g * curve.psi(r, *params) if needs[0] else None
        towards = (
            g * slope(r, *params) if need else None
            for slope, need in zip(curve.towards, needs[1:], strict=True)
        )
        return (along, *towards)

    return rho


def _declare_reduced(curve: Curve, params: tuple[float, ...]) -> Primitive:
    """The sum of the loss times `scale`; or `pull`, weights and a scale that goes with them.

    A weight of 0 leaves its element out altogether.
    """

    def samples(draw: draws.Draw) -> list[draws.Sample]:
        x, t = draw.apart(3, 4), draw(3, 4) * 0.01
        w = np.tile(
            np.array([1, 0, 2, 1], np.int8), (3, 1)
        )  # whole, so taken for the constants they are
        return [
            draw.sample(x, t, scale=1 / 12, params=params),
            draw.sample(x, t, w, 0.25, scale=1.0, params=params),
            draw.sample(draw.apart(3), np.asarray(0.01, draw.dtype), scale=1.0, params=params),
            draw.sample(draw(0, 3), draw(0, 3), scale=1.0, params=params),
        ]

    @primitive(f"{curve.name}_reduced", saves=("x", "t", "pull"), broadcasts=True, samples=samples)
    def reduced(x: Any, t: Any, *pull: Any, scale: float, params: tuple[float, ...]) -> Any:
        return curve.total(x, t, *pull, scale=scale, params=params, gradient=False)[0]

    reduced.recording(curve.total)  # which writes the gradient as well

    @reduced.rule
    def _(g, y, x, t, *pull, scale, params):
        r = x - t
        if pull:
            w, scale = pull
            r = where(values(w) != 0, r, 0.0)
            along = g * scale * (curve.psi(r, *params) * w)
        else:
            along = g * scale * curve.psi(r, *params)
        return (along, -along, None, None) if pull else (along, -along)

    @reduced.fused_rule
    def _(g, psi, y, x, t, *pull, scale, params, needs):
        along = psi if g.item() == 1 else psi * g
        both = along if needs[0] else None, -along if needs[1] else None
        return (*both, None, None) if pull else both

    return reduced
