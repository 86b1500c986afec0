"""The checks of the sweep pass a right op and catch every kind of wrong one."""

import numpy as np
import pytest

from lucid import samples
from lucid.core.primitive import Primitive
from lucid.errors import ArgumentError, ShapeError
from lucid.ops.arithmetic import conj
from lucid.samples import Draw
from lucid.testing import checks
from lucid.testing.checks import CHECKS


def op(
    forward=lambda x: x * x * x,
    rule=lambda g, y, x: (3 * g * x * x,),
    name="cube",
    saves=("x",),
    broadcasts=False,
    view=False,
    outputs=1,
    draw=samples.unary,
    errors=None,
    recorder=None,
    fused=None,
    complex=False,
):
    """A primitive outside of the registry, by default a right one: the third power."""
    made = Primitive(forward, name, saves, broadcasts, view, outputs, draw, errors, complex=complex)
    for declare, function in [(made.rule, rule), (made.recording, recorder)]:
        if function is not None:
            declare(function)
    if fused is not None:
        made.fused_rule(fused)
    return made


def caught(check, match, **fault):
    with pytest.raises(AssertionError, match=match):
        CHECKS[check](op(**fault))


@pytest.mark.parametrize("check", CHECKS)
def test_a_right_op_passes(check):
    CHECKS[check](op())
    CHECKS[check](op(recorder=lambda x: (x * x * x, 3 * x * x), fused=lambda g, r, y, x: (g * r,)))


@pytest.mark.parametrize("factor", [1.001, 0.999, 1.0001])
def test_a_gradient_wrong_by_a_thousandth(factor):
    fault = {"rule": lambda g, y, x: (3 * factor * g * x * x,)}
    caught("first order", "gradient with respect to inputs.0. is wrong", **fault)


def test_a_gradient_wrong_in_one_element():
    def rule(g, y, x):
        spike = np.zeros(x.shape)
        if spike.ndim == 2 and spike.size:
            spike[1, 2] = 1e-3
        return (3 * g * x * x + spike,)

    caught("first order", "is wrong", rule=rule)


def test_a_missing_gradient():
    caught("first order", "is wrong", rule=lambda g, y, x: (None,))


def test_a_wrong_second_order_alone():
    def rule(g, y, x):  # right in value, but half of it is held for a constant
        held = getattr(x, "data", x) if not isinstance(x, np.ndarray) else x
        return (3 * g * x * held,)

    CHECKS["first order"](op(rule=rule))
    caught("second order", "gradient of order 2", rule=rule)


def test_a_false_claim_that_gradients_are_fresh():
    made = op(recorder=lambda x: (x * x * x, 3 * x * x))
    made.fresh_rule(lambda g, r, y, x: (g * r,))
    CHECKS["fresh"](made)
    made.fresh_rule(lambda g, r, y, x: (np.multiply(g, r, out=r),))
    with pytest.raises(AssertionError, match="gradient of input 0 is not fresh"):
        CHECKS["fresh"](made)


def test_a_false_claim_to_save():
    caught("saves", "saves out, which no rule reads", saves=("x", "out"))


def test_a_false_claim_to_save_one_of_several_outputs():
    pair = {
        "forward": lambda x: (x * x, x + 1),
        "rule": lambda g, y, x: (2 * g[0] * (y[1] - 1) + g[1],),
        "outputs": 2,
    }
    caught("saves", "saves out.0., which no rule reads", saves=("out[0]",), **pair)
    CHECKS["saves"](op(saves=("out[1]",), **pair))


def test_a_value_that_is_read_and_not_saved():
    for check in ("first order", "rules agree"):
        with pytest.raises(TypeError, match=r"`saves` does not name|not ShapeOnly"):
            CHECKS[check](op(saves=()))


def test_a_wrong_fused_rule():
    fault = {
        "recorder": lambda x: (x * x * x, None),
        "fused": lambda g, r, y, x: (3.003 * g * x * x,),
    }
    caught("rules agree", "the fused rule .* is off by", **fault)


def test_a_fused_rule_that_forgets_nan():
    fault = {
        "recorder": lambda x: (x * x * x, None),
        "fused": lambda g, r, y, x: (np.nan_to_num(3 * g * x * x),),
    }
    CHECKS["rules agree"](op(**fault))
    caught("special values", "the fused gradient at NaN and inf", **fault)


def test_a_recording_forward_that_differs():
    fault = {
        "recorder": lambda x: (x * x * x + 1e-6, None),
        "fused": lambda g, r, y, x: (3 * g * x * x,),
    }
    caught("forward", "the recording forward", **fault)


def test_a_forward_that_changes_its_input():
    def forward(x):
        result = x * x * x
        x += 1
        return result

    caught("forward", "the forward changed its argument 0", forward=forward)


def test_a_forward_that_differs_from_run_to_run():
    rng = np.random.default_rng(0)
    caught("forward", "differs from one run", forward=lambda x: x + rng.random(x.shape))


def test_integers_that_require_a_gradient():
    fault = {"forward": lambda x: (x > 0).astype(np.int64), "rule": lambda g, y, x: (None,)}
    caught("forward", "output 0 is int64 and requires a gradient", saves=(), **fault)


def test_a_wrong_count_of_outputs():
    pair = {"forward": lambda x: (x * 1, x * 2), "rule": lambda g, y, x: (g[0],)}
    caught("forward", "gives 2 outputs and declares 3", outputs=3, **pair)


def test_a_rule_that_changes_the_gradient_that_enters_it():
    def rule(g, y, x):
        if isinstance(g, np.ndarray):
            g *= 3
            return (g * x * x,)
        return (3 * g * x * x,)

    caught("rules leave alone", "rule changed its argument 1", rule=rule)
    with pytest.raises(ValueError, match="read-only"):
        CHECKS["read-only"](op(rule=rule))


def test_a_rule_that_changes_what_is_saved():
    def rule(g, y, x):
        result = 3 * g * x * x
        if isinstance(x, np.ndarray):
            x += 1
        return (result,)

    caught("rules leave alone", "rule changed its argument 0", rule=rule)


def test_a_rule_that_needs_more_than_is_wanted():
    def rule(g, y, a, b, *, needs):
        return (g * b if needs[1] else None), (g * a if needs[1] else None)

    fault = {"forward": lambda a, b: a * b, "saves": ("a", "b"), "broadcasts": True}
    caught("needs", "alone", rule=rule, draw=samples.binary, **fault)


def test_a_view_that_is_not_declared():
    caught("view", "without view=True", forward=lambda x: x[...], rule=lambda g, y, x: (g,))


def test_a_view_that_is_none():
    copy = {"forward": lambda x: x + 0, "rule": lambda g, y, x: (g,), "view": True}
    caught("view", "declares view=True and no sample shares memory", **copy)


def test_a_view_of_the_wrong_input():
    both = {"forward": lambda a, b: b[...], "rule": lambda g, y, a, b: (None, g), "view": True}
    caught("view", "beside the first", draw=samples.binary, saves=(), **both)


def test_a_forward_that_believes_in_contiguous_memory():
    def forward(x):
        if x.flags.c_contiguous:
            return x * x * x
        return np.frombuffer(x.tobytes("A"), x.dtype).reshape(x.shape) ** 3

    caught("layouts", "the output for transposed inputs", forward=forward)


def test_a_float32_that_is_widened():
    caught("float32", "output 0 of float32 inputs is float64", forward=lambda x: np.float64(1) * x)


def test_a_float32_that_is_inexact():
    forward = lambda x: (x * x * x * (1.001 if x.dtype == np.float32 else 1)).astype(x.dtype)  # noqa: E731
    caught("float32", "the output in float32 .* is off", forward=forward)


def test_a_right_complex_op_passes():
    CHECKS["complex"](op(rule=lambda g, y, x: (3 * g * conj(x * x),), complex=True))


def test_a_complex_gradient_that_is_not_conjugated():
    CHECKS["complex"](op())  # not declared, and not checked
    caught("complex", "is wrong", complex=True)


def test_a_claim_of_complex_that_no_sample_holds():
    caught(
        "complex",
        "no samples in complex128",
        complex=True,
        draw=lambda draw: [draw.sample(draw.integers(0, 3, 4))],
    )


def test_complex_numbers_that_are_widened():
    fault = {"forward": lambda x: x.astype(complex) ** 3}
    rule = {"rule": lambda g, y, x: (3 * g * conj(x * x),)}
    caught("complex", "is complex128", complex=True, **fault, **rule)


def test_no_samples():
    for draw in (None, lambda draw: []):
        caught("forward", "declares no samples", draw=draw)


def test_no_rule():
    caught("rule declared", "has no gradient rule and gives float64", rule=None)
    checks.check_rule_declared(op(rule=None), constant=True)
    CHECKS["rule declared"](op(forward=lambda x: x > 0, rule=None))


def test_error_samples():
    def refuse():
        raise ShapeError("cube: wrong shape")

    def samples_of(error, match):
        return lambda draw: [Draw.error(refuse, error, match)]

    CHECKS["errors"](op(errors=samples_of(ShapeError, "wrong shape")))
    caught("errors", "the message has no 'dtype'", errors=samples_of(ShapeError, "dtype"))
    with pytest.raises(ShapeError):
        CHECKS["errors"](op(errors=samples_of(ArgumentError, "wrong")))
    silent = [Draw.error(lambda: None, ShapeError, "wrong")]
    caught("errors", "ShapeError was not raised", errors=lambda draw: silent)


def test_a_kernel_that_differs(monkeypatch):
    from lucid.kernels import jit

    if not _numba_at_hand():
        pytest.skip("needs Numba")
    forward = lambda x: x * x * x * (1.001 if jit.wanted(x.size) else 1)  # noqa: E731
    caught("kernels", "the kernel's output", forward=forward)


def _numba_at_hand():
    import importlib.util

    from lucid.config import SETTINGS

    return importlib.util.find_spec("numba") is not None and SETTINGS.jit != "0"
