"""`LBFGS`: steps by a curvature that is learnt from the last gradients, for whole batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

from ..core import versions
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, StateError, compose
from . import hooks, state_dict
from .groups import check_number, check_numbers
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer
from .slot import working_dtype


class LBFGS(Optimizer):
    r"""Limited-memory BFGS, a quasi-Newton method.

    One step makes up to `max_iter` iterations, and calls the closure for each value and
    gradient it wants. An iteration goes along :math:`-H g`, where :math:`H`, an estimate of
    the inverse of the Hessian, comes from the last `history_size` pairs

    .. math::
        s = p_{k+1} - p_k, \qquad y = g_{k+1} - g_k

    by the two-loop recursion, beginning with :math:`(s^\top y / y^\top y)\, I`.

    Parameters
    ----------
    params : iterable of Tensor, or of (str, Tensor)
        What to optimize, in one group.
    lr : float, default 1
        Step length; with a line search, the one that is tried first.
    max_iter : int, default 20
        Iterations a step.
    max_eval : int, optional
        Calls of the closure a step, ``max_iter * 5 // 4`` if not given.
    tolerance_grad : float, default 1e-7
        Stop when no element of the gradient is larger.
    tolerance_change : float, default 1e-9
        Stop when the loss or every parameter changes by less.
    history_size : int, default 100
    line_search_fn : {"strong_wolfe"}, optional
        Search each step's length, so that the loss falls.
    check_finite : bool, default False
        Refuse a loss that is NaN or infinite.

    Raises
    ------
    ArgumentError
        If an option is out of range, or there are several groups.

    References
    ----------
    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    Mathematical Programming 45, 1989.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.tensor([4.0, -2.0], requires_grad=True)
    >>> optimizer = lucid.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 2 * lucid.tensor([1.0, 10.0])).sum()
    ...     loss.backward()
    ...     return loss
    >>> loss = optimizer.step(closure)
    >>> print(w.detach())
    [1.0000, 1.0000]
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        check_finite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        self._memory: dict[str, Any] = {}
        super().__init__(params, defaults, check_finite)

    def check(self, group: dict[str, Any]) -> None:
        check_numbers("LBFGS", group, "lr", "tolerance_grad", "tolerance_change", "max_eval")
        check_number("LBFGS", "max_iter", group["max_iter"], low=1)
        check_number("LBFGS", "history_size", group["history_size"], low=1)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            problem = f'line_search_fn must be "strong_wolfe", not {group["line_search_fn"]!r}'
            raise ArgumentError(compose("LBFGS", problem))

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Take the one group there can be.

        Raises
        ------
        ArgumentError
            If there is one already.
        """
        if self.param_groups:
            problem = "takes one group: all parameters make one vector"
            raise ArgumentError(compose("LBFGS", problem))
        super().add_param_group(param_group)

    # ---- the step ---------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make some iterations.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss, runs `backward`, and returns the loss.

        Returns
        -------
        object
            What the closure returned first.

        Raises
        ------
        ArgumentError
            If there is no closure.
        GradError
            With `check_finite`, if a loss is NaN or infinite.
        """
        hooked = self._hooks is not None or hooks.BEFORE_ALL or hooks.AFTER_ALL
        if hooked:
            closure = hooks.before_step(self, closure)
        if closure is None:
            problem = "needs a closure that computes the loss, as it is wanted more than once"
            raise ArgumentError(compose("LBFGS.step", problem, fix="optimizer.step(closure)"))
        loss = self._evaluate(closure)
        self._iterate(closure, float(loss))
        if hooked:
            hooks.after_step(self, closure)
        return loss

    def _iterate(self, closure: Callable[[], Any], value: float) -> None:
        group, memory = self.param_groups[0], self._memory
        lr, most = float(group["lr"]), group["max_iter"]
        evaluations = 1
        memory["func_evals"] = memory.get("func_evals", 0) + 1
        memory.setdefault("n_iter", 0)
        g = self._gradient()
        if _largest(g) <= group["tolerance_grad"]:
            return
        for iteration in range(1, most + 1):
            memory["n_iter"] += 1
            first = memory["n_iter"] == 1
            d = self._first_direction(g) if first else self._direction(g)
            t = lr * min(1.0, 1.0 / float(np.abs(g).sum())) if first else lr
            memory.update(d=d, t=t, prev_flat_grad=g.copy(), prev_loss=value)
            slope = float(g.dot(d))
            if slope > -group["tolerance_change"]:
                return
            before, used = value, 0
            if group["line_search_fn"] is not None:
                origin = Point(0.0, value, g, slope)
                left = group["max_eval"] - evaluations
                point, used = self._search(closure, origin, t, d, left)
                t, value, g = point.t, point.value, point.gradient
                memory["t"] = t
            else:
                self._place(self._position(), t, d)
                if iteration != most:  # the last value is not looked at
                    value, used = float(self._evaluate(closure)), 1
                    g = self._gradient()
            evaluations += used
            memory["func_evals"] += used
            if (
                evaluations >= group["max_eval"]
                or _largest(g) <= group["tolerance_grad"]
                or _largest(d) * t <= group["tolerance_change"]
                or abs(value - before) < group["tolerance_change"]
            ):
                return

    def _search(
        self, closure: Callable[[], Any], origin: Point, t: float, d: Any, rounds: int
    ) -> tuple[Point, int]:
        """Search a step along `d`, and take it."""
        start = self._position()

        def evaluate(t: float) -> Point:
            self._place(start, t, d)
            value = float(self._evaluate(closure))
            g = self._gradient()
            return Point(t, value, g, float(g.dot(d)))

        tolerance = self.param_groups[0]["tolerance_change"]
        point, used = strong_wolfe(evaluate, origin, t, _largest(d), tolerance, rounds)
        self._place(start, point.t, d)
        return point, used

    # ---- the direction ----------------------------------------------------------------

    def _first_direction(self, g: Any) -> Any:
        self._memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        return -g

    def _direction(self, g: Any) -> Any:
        """``-H g`` by the two-loop recursion, after the last pair has been taken in."""
        memory = self._memory
        ys, steps, ro = memory["old_dirs"], memory["old_stps"], memory["ro"]
        y, s = g - memory["prev_flat_grad"], memory["d"] * memory["t"]
        curvature = float(y.dot(s))
        if curvature > 1e-10:
            if len(ys) == self.param_groups[0]["history_size"]:
                del ys[0], steps[0], ro[0]
            ys.append(y)
            steps.append(s)
            ro.append(1.0 / curvature)
            memory["H_diag"] = curvature / float(y.dot(y))
        d = -g
        shares = []
        for y, s, factor in zip(reversed(ys), reversed(steps), reversed(ro), strict=True):
            shares.append(float(s.dot(d)) * factor)
            d -= shares[-1] * y
        d *= memory["H_diag"]
        for y, s, factor in zip(ys, steps, ro, strict=True):
            d += (shares.pop() - float(y.dot(d)) * factor) * s
        return d

    # ---- all parameters as one vector ---------------------------------------------------

    def _flat(self, arrays: list[Any]) -> Any:
        """Arrays end to end, complex numbers as pairs."""
        dtypes = {working_dtype(p.dtype) for p in self.param_groups[0]["params"]}
        dtype = np.result_type(*dtypes)
        return np.concatenate([_real(a).ravel() for a in arrays]).astype(dtype, copy=False)

    def _position(self) -> Any:
        return self._flat([p.data for p in self.param_groups[0]["params"]])

    def _gradient(self) -> Any:
        """The gradients as one vector; zero where there is none."""
        return self._flat(
            [
                np.zeros(p.shape, p.dtype) if p.grad is None else p.grad.data
                for p in self.param_groups[0]["params"]
            ]
        )

    def _place(self, start: Any, t: float, d: Any) -> None:
        """Set the parameters to ``start + t d``."""
        target = start + t * d
        at = 0
        for parameter in self.param_groups[0]["params"]:
            data = parameter.data
            size = data.size * (2 if data.dtype.kind == "c" else 1)
            piece = target[at : at + size]
            at += size
            if data.dtype.kind == "c":
                piece = piece.view(np.result_type(piece.dtype, np.complex64))
            data[...] = piece.reshape(data.shape)
            versions.bump(data)

    # ---- state ------------------------------------------------------------------------

    @property
    def state(self) -> MutableMapping[Tensor, Any]:
        """What is remembered, under the first parameter."""
        packed = self._pack()["state"]
        return {self.param_groups[0]["params"][0]: packed[0]} if packed else {}

    def _pack(self) -> dict[str, Any]:
        packed = state_dict.make(self.param_groups, self._plans, False, ())
        if self._memory:
            size = self.param_groups[0]["history_size"]
            state = {name: _wrapped(value) for name, value in self._memory.items()}
            packed["state"] = {0: {**state, "al": [None] * size}}
        return packed

    def _unpack(self, state: Mapping[str, Any]) -> None:
        loaded, entries = state_dict.read("LBFGS", state, self.param_groups, self._plans)
        self.check(loaded[0])
        memory = {name: _unwrapped(v) for name, v in entries[0].items() if name != "al"}
        size = self._position().size
        for name in ("d", "prev_flat_grad"):
            if name in memory and memory[name].size != size:
                problem = f"{name!r} has {memory[name].size} numbers, the parameters have {size}"
                raise StateError(compose("LBFGS.load_state_dict", problem))
        self.param_groups[0].update(loaded[0])
        self._memory = memory


def _largest(x: Any) -> float:
    """The largest absolute value; NaN if there is one."""
    return float(np.abs(x).max(initial=0.0))


def _real(array: Any) -> Any:
    """Complex numbers as pairs of real ones."""
    if array.dtype.kind != "c":
        return array
    return np.ascontiguousarray(array).reshape(-1).view(array.real.dtype)


def _wrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    return wrap(value.copy()) if isinstance(value, np.ndarray) else value


def _unwrapped(value: Any) -> Any:
    """What a state dict holds, as vectors and numbers of our own."""
    if isinstance(value, list | tuple):
        return [_unwrapped(item) for item in value]
    if not hasattr(value, "shape"):
        return value
    array = np.asarray(value.data if isinstance(value, Tensor) else value).copy()
    return array if array.ndim else array.item()
