"""What must hold of every primitive, as functions that raise AssertionError where it does not.

``CHECKS`` lists them all; the test sweep runs each on every primitive of the registry. An op
of your own is checked the same way: ``for check in CHECKS.values(): check(prim)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd.gradcheck import gradcheck, gradgradcheck
from ..core.node import ShapeOnly
from ..core.primitive import Primitive
from ..dtypes import is_differentiable
from ..errors import GradError, LucidError, compose
from ..samples import Draw
from .cases import WAYS, Case, cases, copied, kernels, narrowed, tupled
from .tolerances import DIFFERENCES, NARROWED, Tolerance, same

# ---- forward --------------------------------------------------------------------------


def check_forward(prim: Primitive, dtype: Any = np.float64) -> None:
    """The forward gives the same result twice, as arrays, and leaves its inputs alone.

    Examples
    --------
    >>> import lucid
    >>> from lucid.core.primitive import REGISTRY
    >>> check_forward(REGISTRY["tanh"])
    """
    for case in cases(prim, dtype=dtype):
        before = copied(case.inputs)
        outs, again = case.forward(), case.forward()
        _unchanged(case, "the forward", case.inputs, before)
        if prim.outputs and len(outs) != prim.outputs:
            raise _failure(case, f"gives {len(outs)} outputs and declares {prim.outputs}")
        for i, (out, other) in enumerate(zip(outs, again, strict=True)):
            if not np.array_equal(out, other, equal_nan=out.dtype.kind in "fc"):
                raise _failure(case, f"output {i} differs from one run to the next")
        for i, out in enumerate(tupled(case.call(*case.leaves(case.places)))):
            if getattr(out, "requires_grad", False) and not is_differentiable(out.dtype):
                raise _failure(case, f"output {i} is {out.dtype} and requires a gradient")
        if prim.recorder is not None and case.places:
            recorded = tupled(prim.recorder(*case.inputs, **case.static)[0])
            _unchanged(case, "the recording forward", case.inputs, before)
            _close(case, "the recording forward", recorded, outs)


def check_rule_declared(prim: Primitive, constant: bool = False) -> None:
    """A primitive without a gradient rule gives integers or bools, or is declared constant."""
    if prim.vjp is not None or constant:
        return
    for case in cases(prim):
        for out in case.forward():
            if out.dtype.kind in "fc" and any(_is_float(x) for x in case.inputs):
                raise _failure(case, f"has no gradient rule and gives {out.dtype}")


def check_view(prim: Primitive) -> None:
    """Outputs share memory with the first input if and only if ``view=True`` says so."""
    shared = False
    for case in cases(prim):
        for out in case.forward():
            arrays = [x for x in case.inputs if isinstance(x, np.ndarray)]
            meets = [x for x in arrays if np.shares_memory(out, x)]
            shared = shared or any(x is case.inputs[0] for x in meets)
            if meets and not prim.view:
                raise _failure(case, "an output shares memory with an input, without view=True")
            if any(x is not case.inputs[0] for x in meets):
                raise _failure(case, "an output shares memory with an input beside the first")
    if prim.view and not shared:
        raise AssertionError(f"{prim.name}: declares view=True and no sample shares memory")


def check_kernels(prim: Primitive, dtype: Any = np.float64) -> None:
    """With Numba's kernels the values and gradients are those of the NumPy references."""
    for case in cases(prim, dtype=dtype):
        weights = case.weights()
        with kernels(False):
            outs, gradients = case.forward(), case.gradients("fused", case.places, weights)
        with kernels(True):
            _close(case, "the kernel's output", case.forward(), outs)
            compiled = case.gradients("fused", case.places, weights)
            _close(case, "the kernel's gradient", compiled, gradients)


# ---- gradients -------------------------------------------------------------------------


def check_first_order(prim: Primitive, dtype: Any = np.float64) -> None:
    """The gradients agree with central differences, in float64, along a random direction."""
    _against_differences(cases(prim, dtype=dtype), gradcheck)


def check_second_order(prim: Primitive, dtype: Any = np.float64) -> None:
    """The gradients' gradients agree with differences of the gradients."""
    _against_differences(cases(prim, dtype=dtype), gradgradcheck)


def _against_differences(drawn: list[Case], check: Callable[..., bool]) -> None:
    for case in drawn:
        wide = [i for i in case.places if case.inputs[i].dtype in (np.float64, np.complex128)]
        if not wide or not all(np.isfinite(out).all() for out in case.forward()):
            continue  # differences between infinities say nothing
        rtol, atol = DIFFERENCES
        try:
            check(case.call, case.leaves(wide), rtol=rtol, atol=atol, fast_mode=True)
        except GradError as error:
            raise _failure(case, str(error)) from error


def check_rules_agree(prim: Primitive, dtype: Any = np.float64) -> None:
    """Fused rule, plain rule on arrays and plain rule on tensors give the same gradients."""
    for case in cases(prim, dtype=dtype):
        weights, places = case.weights(), case.places
        expected = case.gradients("recorded", places, weights)
        for way in WAYS[:2] if prim.fused_vjp is not None else WAYS[1:2]:
            _close(case, f"the {way} rule", case.gradients(way, places, weights), expected)


def check_needs(prim: Primitive, dtype: Any = np.float64) -> None:
    """The gradient of one input does not depend on whether others are wanted too."""
    for case in cases(prim, dtype=dtype):
        weights, places = case.weights(), case.places
        if len(places) < 2:
            continue
        for way in WAYS:
            together = case.gradients(way, places, weights)
            for place, expected in zip(places, together, strict=True):
                alone = case.gradients(way, [place], weights)
                _close(case, f"the {way} gradient of input {place} alone", alone, [expected])


def check_rules_leave_alone(prim: Primitive) -> None:
    """No rule changes the gradient that enters it, the inputs or the saved output."""
    for case in cases(prim):
        for way in WAYS[:2]:
            weights = case.weights()
            before = copied((*case.inputs, *weights))
            first = copied(tuple(case.gradients(way, case.places, weights)))
            _unchanged(case, f"the {way} rule", (*case.inputs, *weights), before)
            again = case.gradients(way, case.places, weights)
            _close(case, f"a second pass of the {way} rule", again, first)


def check_fresh(prim: Primitive) -> None:
    """The gradients of a rule that is declared fresh are in memory of their own."""
    for case in cases(prim):
        if not prim.fresh or not case.places or prim.recorder is None:
            continue
        assert prim.fused_vjp is not None
        weights = case.weights()
        out, residual = prim.recorder(*case.inputs, **case.static)
        needs = [True if i in case.places else None for i in range(len(case.inputs))]
        static = {**case.static, "needs": needs} if prim.fused_needs else case.static
        gradients = prim.fused_vjp(weights[0], residual, out, *case.inputs, **static)
        written = residual if isinstance(residual, list | tuple) else [residual]
        held = [x for x in (*case.inputs, *weights, out, *written) if isinstance(x, np.ndarray)]
        for i, gradient in enumerate(gradients):
            if gradient is None:
                continue
            if any(np.shares_memory(gradient, other) for other in held):
                raise _failure(case, f"the gradient of input {i} is not fresh")
            held.append(gradient)


def check_saves(prim: Primitive) -> None:
    """Every value that `saves` names is read by a rule on some sample: nothing is kept in vain."""
    kept: set[str] = set()
    read: set[str] = set()
    for case in cases(prim):
        if case.places:
            names = [name for name in prim.saves if name.startswith("out") or case.named(name)]
            kept.update(names)
            read.update(name for name in names if name not in read and _reads(case, name))
    unread = kept - read
    if unread:
        listed = ", ".join(sorted(unread))
        raise AssertionError(f"{prim.name}: saves {listed}, which no rule reads on any sample")


def _reads(case: Case, name: str) -> bool:
    """True if a rule fails, or gives another result, when a value is replaced by a stand-in."""
    prim = case.prim
    out, residual = None, None
    if prim.recorder is not None:
        out, residual = prim.recorder(*case.inputs, **case.static)
    out = case.forward() if prim.outputs != 1 else case.forward()[0]
    weights = case.weights()
    g = weights if prim.outputs != 1 else weights[0]
    hidden = () if name.startswith("out") else case.named(name)
    stood_in = [_stand_in(x) if i in hidden else x for i, x in enumerate(case.inputs)]
    replaced = out
    if name == "out":
        replaced = _stand_in(out)
    elif name.startswith("out["):
        replaced = tuple(_stand_in(o) if name == f"out[{i}]" else o for i, o in enumerate(out))
    needs = [True if i in case.places else None for i in range(len(stood_in))]
    for rule, takes, head in (
        (prim.vjp, prim.vjp_needs, ()),
        (prim.fused_vjp, prim.fused_needs, (residual,)),
    ):
        if rule is None:
            continue
        static = {**case.static, "needs": needs} if takes else case.static
        try:
            rule(g, *head, replaced, *stood_in, **static)
        except (TypeError, AttributeError, ValueError, IndexError):
            return True
    return False


def _stand_in(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_stand_in, x))
    return ShapeOnly(x.shape, x.dtype) if isinstance(x, np.ndarray) else x


# ---- layouts and dtypes --------------------------------------------------------------


def check_layouts(prim: Primitive, dtype: Any = np.float64) -> None:
    """Values and gradients do not depend on how the inputs lie in memory."""
    for case in cases(prim, dtype=dtype):
        weights = case.weights()
        outs, gradients = case.forward(), case.gradients("fused", case.places, weights)
        for name, lay in LAYOUTS.items():
            other = case.with_inputs(
                [lay(x) if isinstance(x, np.ndarray) else x for x in case.inputs]
            )
            _close(case, f"the output for {name} inputs", other.forward(), outs)
            entering = [None if w is None else lay(w) for w in weights]
            found = other.gradients("fused", case.places, entering)
            _close(case, f"the gradient for {name} inputs", found, gradients)


def _strided(x: Any) -> Any:
    """The same values, at every second place of a larger array in every dimension."""
    roomy = np.zeros([2 * n for n in x.shape], x.dtype)
    view = roomy[(..., *(slice(None, None, 2),) * x.ndim)]
    view[...] = x
    return view


def _reversed(x: Any) -> Any:
    """The same values, with negative strides."""
    back = (..., *(slice(None, None, -1),) * x.ndim)  # dots, or 0-d arrays would be scalars
    return np.ascontiguousarray(x[back]).reshape(x.shape)[back]


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda x: x.copy(order="F"),
    "strided": _strided,
    "reversed": _reversed,
}


def check_read_only(prim: Primitive) -> None:
    """Memory that cannot be written to will do for every input."""
    for case in cases(prim):
        weights, locked = case.weights(), case.with_inputs([copied(x) for x in case.inputs])
        for x in (*locked.inputs, *weights):
            if isinstance(x, np.ndarray):
                x.flags.writeable = False
        with kernels(False):  # Numba would compile everything a second time
            locked.forward()
            for way in WAYS[:2]:
                locked.gradients(way, case.places, weights)


def check_float32(prim: Primitive, dtype: Any = np.float64) -> None:
    """Float32 comes out as float32, with nearly the values of float64."""
    check_narrow(prim, "float32", dtype)


def check_narrow(prim: Primitive, dtype: str, wide: Any = np.float64) -> None:
    """A narrow dtype is kept by outputs and gradients, with nearly the values of a wide one."""
    for case in cases(prim, dtype=wide):
        weights, narrow = case.weights(), case.astype(dtype)
        if any(isinstance(value, np.dtype) for value in case.static.values()):
            continue  # the output's dtype is an argument
        outs = narrow.forward()
        for i, (out, like) in enumerate(zip(outs, case.forward(), strict=True)):
            if out.dtype != narrowed(like.dtype, dtype):
                raise _failure(case, f"output {i} of {dtype} inputs is {out.dtype}")
        tolerance = NARROWED[dtype]
        _close(case, f"the output in {dtype}", outs, case.forward(), tolerance)
        entering = [
            None if w is None else w.astype(o.dtype) for w, o in zip(weights, outs, strict=True)
        ]
        for way in WAYS:
            found = narrow.gradients(way, case.places, entering)
            for place, gradient in zip(case.places, found, strict=True):
                if gradient is not None and gradient.dtype != narrow.inputs[place].dtype:
                    raise _failure(case, f"the gradient of input {place} is {gradient.dtype}")
            expected = case.gradients(way, case.places, weights)
            _close(case, f"the {way} gradient in {dtype}", found, expected, tolerance)


def check_special_values(prim: Primitive) -> None:
    """NaN and the infinities go the same way through kernels, references and all rules."""
    for case in cases(prim):
        strange = case.with_inputs([_with_special_values(x) for x in case.inputs])
        weights = case.weights()
        try:
            with kernels(False):
                outs = strange.forward()
                gradients = strange.gradients("recorded", case.places, weights)
                for way in WAYS[:2]:
                    found = strange.gradients(way, case.places, weights)
                    _close(strange, f"the {way} gradient at NaN and inf", found, gradients)
        except LucidError:
            continue  # an op may refuse them
        with kernels(True):
            _close(strange, "the kernel's output at NaN and inf", strange.forward(), outs)
            found = strange.gradients("fused", case.places, weights)
            _close(strange, "the kernel's gradient at NaN and inf", found, gradients)


def _with_special_values(x: Any) -> Any:
    if not _is_float(x) or x.size < 3:
        return x
    strange = x.copy()
    flat = strange.reshape(-1)
    flat[0], flat[flat.size // 2], flat[-1] = np.nan, -np.inf, np.inf
    return strange


def check_complex(prim: Primitive) -> None:
    """What must hold in float64 holds in complex128 too, for those that declare to take it."""
    if prim.complex:
        for check in IN_COMPLEX:
            check(prim, np.complex128)


IN_COMPLEX: tuple[Callable[..., None], ...] = (
    check_forward,
    check_kernels,
    check_first_order,
    check_second_order,
    check_rules_agree,
    check_needs,
    check_layouts,
    check_float32,
)


# ---- errors ----------------------------------------------------------------------------


def check_errors(prim: Primitive) -> None:
    """Every error sample raises its error, with its words in the message."""
    for i, sample in enumerate(prim.error_samples(Draw()) if prim.error_samples else ()):
        label = f"{prim.name}, error sample {i}"
        try:
            sample.call()
        except sample.error as error:
            if not re.search(sample.match, str(error)):
                problem = f"the message has no {sample.match!r}"
                raise AssertionError(compose(label, problem, {"message": str(error)})) from error
        else:
            raise AssertionError(f"{label}: {sample.error.__name__} was not raised")


# ---- comparing -------------------------------------------------------------------------


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _failure(case: Case, problem: str) -> AssertionError:
    seen = {f"inputs[{i}]": x for i, x in enumerate(case.inputs)}
    return AssertionError(compose(case.label, problem, {**seen, **case.static}))


def _unchanged(case: Case, who: str, after: Sequence[Any], before: Sequence[Any]) -> None:
    for i, (x, y) in enumerate(zip(after, before, strict=True)):
        if isinstance(x, np.ndarray) and x.tobytes() != y.tobytes():
            raise _failure(case, f"{who} changed its argument {i}")


def _close(
    case: Case,
    what: str,
    actual: Sequence[Any],
    expected: Sequence[Any],
    tolerance: Tolerance | None = None,
) -> None:
    """Raise unless all arrays agree in shape and nearly in values; None counts as zero."""
    for i, (x, y) in enumerate(zip(actual, expected, strict=True)):
        if x is None or y is None:
            if (x is None or not x.any()) and (y is None or not y.any()):
                continue
            raise _failure(case, f"{what} ({i}) is None on one side only")
        rtol, atol = tolerance or same(y.dtype)
        if x.shape != y.shape:
            raise _failure(case, f"{what} ({i}) has shape {x.shape} instead of {y.shape}")
        if not np.allclose(x, y, rtol, atol, equal_nan=True):
            worst = np.nanmax(np.abs(np.asarray(x, complex) - y)) if x.size else 0.0
            raise _failure(case, f"{what} ({i}) is off by up to {worst:.3g}")


CHECKS: dict[str, Callable[[Primitive], None]] = {
    "forward": check_forward,
    "rule declared": check_rule_declared,
    "view": check_view,
    "kernels": check_kernels,
    "first order": check_first_order,
    "second order": check_second_order,
    "rules agree": check_rules_agree,
    "needs": check_needs,
    "rules leave alone": check_rules_leave_alone,
    "saves": check_saves,
    "fresh": check_fresh,
    "layouts": check_layouts,
    "read-only": check_read_only,
    "float32": check_float32,
    "special values": check_special_values,
    "complex": check_complex,
    "errors": check_errors,
}
