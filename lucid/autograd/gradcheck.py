r"""Holds gradients against differences: `gradcheck`, and `gradgradcheck` for the second order.

Along a direction :math:`u` in the inputs and with a weight :math:`v` on the outputs, both

.. math:: \langle v, (f(x + \epsilon u) - f(x - \epsilon u)) / 2 \epsilon \rangle
          \qquad \text{and} \qquad \langle \nabla_x \langle v, f \rangle, u \rangle

are one number. Each input has a random direction of its own; where everything is small, every
entry of the Jacobian is compared too. Complex numbers count as pairs of real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, GradError, compose
from .gradient import grad

_SMALL = 400  # up to this many entries the whole Jacobian is compared


class Tolerance(NamedTuple):
    """How differences are taken, and how near they must come: ``atol + rtol * |numerical|``."""

    eps: float
    atol: float
    rtol: float
    nondet: float = 0.0


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-5,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    fast_mode: bool | None = None,
    seed: int = 0,
) -> bool:
    r"""Check the gradients of a function against central differences.

    Parameters
    ----------
    func : callable
        Takes `inputs`, gives a tensor or a tuple of them. It must be a smooth and
        deterministic function near `inputs`.
    inputs : Tensor or sequence
        Those tensors that require gradients are checked; they must be float64 or complex128.
        Other arguments are handed through.
    eps : float, default 1e-6
        Step of the differences.
    atol, rtol : float, default 1e-6 and 1e-5
        The two may differ by ``atol + rtol * |numerical|``. PyTorch's defaults are wider,
        1e-5 and 1e-3, and let an error of one in a thousand pass.
    raise_exception : bool, default True
        Raise where a check fails; False returns False instead.
    nondet_tol : float, default 0
        By how much two passes over the same graph may differ.
    check_undefined_grad : bool, default True
        For several outputs, check that each can be differentiated alone.
    fast_mode : bool, optional
        True compares along a random direction alone, False all entries of the Jacobians too;
        by default that is done where they are small.
    seed : int, default 0
        Fixes the random directions.

    Returns
    -------
    bool
        True if all checks pass.

    Raises
    ------
    GradError
        If a gradient is wrong in value, shape or dtype, or differs from one pass to the next.
    DTypeError
        If an input that requires a gradient is not float64 or complex128.
    ArgumentError
        If no input requires a gradient, or `func` returns something other than tensors.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([0.5, 2.0], dtype=lucid.float64, requires_grad=True)
    >>> lucid.autograd.gradcheck(lambda x: x.sin() * x, x)
    True
    """
    arguments = _arguments("gradcheck", inputs)
    check = _Check("gradcheck", func, arguments, Tolerance(eps, atol, rtol, nondet_tol), seed)
    try:
        check.run(fast_mode, check_undefined_grad)
    except GradError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-5,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    fast_mode: bool | None = None,
    seed: int = 0,
) -> bool:
    r"""Check the second derivatives of a function against differences of its first ones.

    Parameters
    ----------
    func : callable
        As for `gradcheck`; it must be twice differentiable near `inputs`.
    inputs : Tensor or sequence
        As for `gradcheck`.
    grad_outputs : Tensor or sequence of Tensor, optional
        The gradients that enter the outputs; random by default. Second derivatives with
        respect to them are checked too.
    gen_non_contig_grad_outputs : bool, default False
        Let those that are made at random lie in memory with gaps.
    eps, atol, rtol, raise_exception, nondet_tol, check_undefined_grad, fast_mode, seed
        As for `gradcheck`.

    Returns
    -------
    bool
        True if all checks pass.

    Raises
    ------
    GradError, DTypeError, ArgumentError
        As `gradcheck` does.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([0.5, 2.0], dtype=lucid.float64, requires_grad=True)
    >>> lucid.autograd.gradgradcheck(lambda x: x.sin() * x, x)
    True
    """
    arguments = _arguments("gradgradcheck", inputs)
    if grad_outputs is None:
        rng = np.random.default_rng(seed + 1)
        outputs = _outputs("gradgradcheck", func, arguments)
        made = [_normal(rng, out.data) for out in outputs]
        entering = [wrap(_with_gaps(g) if gen_non_contig_grad_outputs else g) for g in made]
    else:
        given = [grad_outputs] if isinstance(grad_outputs, Tensor) else grad_outputs
        entering = [tensor.detach() for tensor in given]
    for tensor in entering:
        tensor.requires_grad = True
    count = len(arguments)

    def first_derivatives(*together: Any) -> tuple[Tensor, ...]:
        results = _outputs("gradgradcheck", func, list(together[:count]))
        pairs = zip(results, together[count:], strict=True)
        live = [(out, g) for out, g in pairs if out.requires_grad]
        if not live:
            return ()
        sources = [x for x in together[:count] if _wants(x)]
        outs, weights = [out for out, _ in live], [g for _, g in live]
        slopes = grad(outs, sources, weights, create_graph=True, allow_unused=True)
        return tuple(slope for slope in slopes if slope is not None)

    tolerance = Tolerance(eps, atol, rtol, nondet_tol)
    both = [*arguments, *entering]
    check = _Check("gradgradcheck", first_derivatives, both, tolerance, seed, order=2)
    try:
        check.run(fast_mode, check_undefined_grad)
    except GradError:
        if raise_exception:
            raise
        return False
    return True


class _Check:
    """One function at one place, held against differences."""

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        arguments: list[Any],
        tolerance: Tolerance,
        seed: int,
        order: int = 1,
    ) -> None:
        self.name, self.func, self.arguments, self.order = name, func, arguments, order
        self.tolerance = tolerance
        self.places = [i for i, x in enumerate(arguments) if _wants(x)]
        self.rng = np.random.default_rng(seed)

    def run(self, fast: bool | None, undefined: bool) -> None:
        """Make all comparisons; raise GradError at the first that fails."""
        outputs = _outputs(self.name, self.func, self.arguments)
        weights = [_normal(self.rng, out.data) for out in outputs]
        gradients = self.analytical(outputs, weights)
        self.repeatable(outputs, weights, gradients)
        for place, gradient in zip(self.places, gradients, strict=True):
            self.along_a_direction(place, gradient, weights)
        for i, output in enumerate(outputs):
            for at, place in enumerate(self.places):
                entries = output.data.size * self.arguments[place].data.size
                if fast is False or (fast is None and entries <= _SMALL):
                    self.every_entry(outputs, i, at, place)
        if undefined and len(outputs) > 1:
            self.each_output_alone(outputs, weights)

    def analytical(self, outputs: list[Tensor], weights: list[Any]) -> list[Any]:
        """What the gradient rules say, for every input that is checked."""
        sources = [self.arguments[place] for place in self.places]
        live = [(out, wrap(w)) for out, w in zip(outputs, weights, strict=True) if _wants(out)]
        if not live:
            return [np.zeros_like(source.data) for source in sources]
        outs, entering = [out for out, _ in live], [w for _, w in live]
        gradients = grad(outs, sources, entering, retain_graph=True, materialize_grads=True)
        for place, source, gradient in zip(self.places, sources, gradients, strict=True):
            assert gradient is not None
            if gradient.shape != source.shape or gradient.dtype != source.dtype:
                problem = f"{self._label(place)} has the wrong shape or dtype"
                seen = {f"inputs[{place}]": source, "gradient": gradient}
                raise GradError(compose(self.name, problem, seen))
        return [gradient.data for gradient in gradients if gradient is not None]

    def numerical(self, place: int, direction: Any) -> list[Any]:
        """The derivative of every output along a direction in one input."""
        x, eps = self.arguments[place], self.tolerance.eps
        with _moved(x, direction * eps):
            above = _outputs(self.name, self.func, self.arguments)
        with _moved(x, direction * -eps):
            below = _outputs(self.name, self.func, self.arguments)
        return [(a.data - b.data) / (2 * eps) for a, b in zip(above, below, strict=True)]

    def repeatable(self, outputs: list[Tensor], weights: list[Any], before: list[Any]) -> None:
        """A second pass over the same graph must give the same gradients."""
        again = self.analytical(outputs, weights)
        for place, one, other in zip(self.places, before, again, strict=True):
            if not np.allclose(one, other, rtol=0.0, atol=self.tolerance.nondet, equal_nan=True):
                problem = f"{self._label(place)} differs from one pass to the next"
                fix = "a rule must not change what was saved, nor draw random numbers"
                raise GradError(compose(self.name, problem, fix=fix))

    def along_a_direction(self, place: int, gradient: Any, weights: list[Any]) -> None:
        """Compare the change along one random direction."""
        direction = _normal(self.rng, self.arguments[place].data)
        changes = self.numerical(place, direction)
        numerical = sum(_inner(w, c) for w, c in zip(weights, changes, strict=True))
        self.compare(place, _inner(gradient, direction), numerical, "along a random direction")

    def every_entry(self, outputs: list[Tensor], i: int, at: int, place: int) -> None:
        """Compare the Jacobian of output `i` with respect to one input, entry by entry."""
        x = self.arguments[place].data
        zeros = [np.zeros_like(out.data) for out in outputs]
        rows = []
        for entry, weight in _units(outputs[i].data):
            weights = [*zeros[:i], weight, *zeros[i + 1 :]]
            rows.append((entry, weight, self.analytical(outputs, weights)[at]))
        for element, direction in _units(x):
            change = self.numerical(place, direction)[i]
            for entry, weight, row in rows:
                where = f"at element {element}, for output {i} at {entry}"
                self.compare(place, _inner(row, direction), _inner(weight, change), where)

    def each_output_alone(self, outputs: list[Tensor], weights: list[Any]) -> None:
        """One output alone must give what it gives beside others with gradient zero."""
        for i, output in enumerate(outputs):
            if not output.requires_grad:
                continue
            alone = self.analytical([output], [weights[i]])
            zeros = [np.zeros_like(w) for w in weights]
            beside = self.analytical(outputs, [*zeros[:i], weights[i], *zeros[i + 1 :]])
            for place, one, other in zip(self.places, alone, beside, strict=True):
                if not np.allclose(one, other, rtol=self.tolerance.rtol, atol=self.tolerance.atol):
                    problem = f"{self._label(place)} is wrong where output {i} is used alone"
                    fix = "the rule must take None as the gradient of an unused output"
                    raise GradError(compose(self.name, problem, fix=fix))

    def compare(self, place: int, analytical: float, numerical: float, where: str) -> None:
        """Raise unless the two numbers agree."""
        _, atol, rtol, _ = self.tolerance
        if abs(analytical - numerical) <= atol + rtol * abs(numerical):
            return
        problem = f"{self._label(place)} is wrong {where}"
        seen = {
            f"inputs[{place}]": self.arguments[place],
            "analytical": analytical,
            "numerical": numerical,
            "tolerance": f"atol={atol}, rtol={rtol}, eps={self.tolerance.eps}",
        }
        raise GradError(compose(self.name, problem, seen))

    def _label(self, place: int) -> str:
        order = "gradient" if self.order == 1 else "gradient of order 2"
        return f"the {order} with respect to inputs[{place}]"


def _arguments(name: str, inputs: Any) -> list[Any]:
    """The arguments as a list, with at least one of them fit to be checked."""
    arguments = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    checked = [(i, x) for i, x in enumerate(arguments) if _wants(x)]
    if not checked:
        problem = "no input requires a gradient"
        raise ArgumentError(compose(name, problem, fix="requires_grad=True on what is checked"))
    for i, x in checked:
        if x.dtype not in (np.float64, np.complex128):
            problem = f"inputs[{i}] must be float64 or complex128: differences need the digits"
            fix = "lucid.tensor(data, dtype=lucid.float64, requires_grad=True)"
            raise DTypeError(compose(name, problem, {f"inputs[{i}]": x}, fix))
    return arguments


def _outputs(name: str, func: Callable[..., Any], arguments: list[Any]) -> list[Tensor]:
    """The results of the function that can have a gradient."""
    results = func(*arguments)
    listed = [results] if isinstance(results, Tensor) else list(results)
    for result in listed:
        if not isinstance(result, Tensor):
            problem = f"the function must return tensors, not {type(result).__name__}"
            raise ArgumentError(compose(name, problem))
    return [result for result in listed if result.dtype.kind in "fc"]


@contextmanager
def _moved(x: Tensor, step: Any) -> Iterator[None]:
    """Move a tensor for a while; the function may also find it in a closure."""
    home = x.data
    x.data = np.asarray(home + step)
    try:
        yield
    finally:
        x.data = home


def _wants(x: Any) -> bool:
    return isinstance(x, Tensor) and x.requires_grad


def _normal(rng: np.random.Generator, like: Any) -> Any:
    """Random numbers of the shape and dtype of an array."""
    values = rng.standard_normal(like.shape)
    if like.dtype.kind == "c":
        values = values + 1j * rng.standard_normal(like.shape)
    return np.asarray(values, like.dtype)


def _with_gaps(values: Any) -> Any:
    """The same numbers, at every second place of a larger array."""
    roomy = np.empty((*values.shape, 2), values.dtype)
    roomy[..., 0] = values
    return roomy[..., 0]


def _inner(a: Any, b: Any) -> float:
    """The real inner product, of complex numbers as pairs."""
    return float(np.sum(a.real * b.real) + (np.sum(a.imag * b.imag) if a.dtype.kind == "c" else 0))


def _units(like: Any) -> Iterator[tuple[Any, Any]]:
    """Every unit vector of an array's space, complex ones also along the imaginary axis."""
    for unit in (1.0, 1j) if like.dtype.kind == "c" else (1.0,):
        for index in np.ndindex(like.shape):
            vector = np.zeros_like(like)
            vector[index] = unit
            yield index, vector
