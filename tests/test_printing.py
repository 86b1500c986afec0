"""What tensors look like: layouts by example, and properties that hold for all arrays."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import lucid
from lucid import Tensor
from lucid.core.tensor import wrap
from lucid.errors import ArgumentError


def show(data, dtype=None):
    return str(wrap(np.array(data, dtype=dtype)))


# ---- the founding page ----------------------------------------------------------------


def test_a_loss():
    assert str(Tensor(0.21875, requires_grad=True)) == "Tensor(0.2188, grad=None)"


def test_a_gradient():
    gradient = Tensor([[0.125, -0.125, 0.125, -0.25]])
    assert str(gradient) == "[[0.1250, -0.1250, 0.1250, -0.2500]]"
    assert repr(gradient) == "Tensor([[0.1250, -0.1250, 0.1250, -0.2500]])"


# ---- layout ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (1.5, "1.5000"),
        ([1.0, -2.0], "[1.0000, -2.0000]"),
        ([[1.0, -2.0], [10.0, 3.0]], "[[ 1.0000, -2.0000],\n [10.0000,  3.0000]]"),
        ([[-1.0, 2.0], [1.0, 3.0]], "[[-1.0000, 2.0000],\n [ 1.0000, 3.0000]]"),
        ([1, -20, 3], "[1, -20, 3]"),
        ([[1, -20], [30, 4]], "[[ 1, -20],\n [30,   4]]"),
        ([True, False], "[True, False]"),
        ([[True], [False]], "[[ True],\n [False]]"),
        ([1 + 2j, -0.5 - 1j], "[1.0000+2.0000j, -0.5000-1.0000j]"),
        ([np.nan, np.inf, -np.inf, 1.0], "[nan, inf, -inf, 1.0000]"),
        ([], "[]"),
        ([[[1, 2]], [[3, 4]]], "[[[1, 2]],\n\n [[3, 4]]]"),
        ([0.0, -0.0], "[0.0000, -0.0000]"),
    ],
)
def test_layout(data, text):
    assert show(data) == text


@pytest.mark.parametrize(
    ("data", "scientific"),
    [
        ([1.0, 1000.0], False),
        ([1.0, 1001.0], True),
        ([1e8], False),
        ([2e8], True),
        ([1e-4], False),
        ([0.9e-4], True),
        ([0.0, 1.0, np.inf], False),
        ([5e-324, 1e308], True),
        ([0.0], False),
        ([np.nan], False),
    ],
)
def test_scientific_where_magnitudes_demand_it(data, scientific):
    assert ("e" in show(data)) is scientific


def test_names_what_the_values_do_not_show():
    assert repr(wrap(np.zeros((0, 3), np.float32))) == "Tensor([], shape=(0, 3))"
    assert repr(wrap(np.zeros(0, np.float32))) == "Tensor([])"
    assert repr(wrap(np.zeros(0, np.int64))) == "Tensor([], dtype=int64)"
    assert repr(wrap(np.array([1.0]))) == "Tensor([1.0000], dtype=float64)"
    assert repr(wrap(np.array([1], np.int32))) == "Tensor([1], dtype=int32)"
    assert repr(wrap(np.array([1]))) == "Tensor([1])"
    assert repr(wrap(np.array([1j], np.complex64))) == "Tensor([0.0000+1.0000j])"
    assert repr(wrap(np.array(True))) == "Tensor(True)"


def test_the_default_dtype_goes_without_saying():
    lucid.set_default_dtype(lucid.float64)
    try:
        assert repr(wrap(np.array([1.0]))) == "Tensor([1.0000])"
        assert repr(wrap(np.array([1.0], np.float32))) == "Tensor([1.0000], dtype=float32)"
        assert repr(wrap(np.array([1j]))) == "Tensor([0.0000+1.0000j])"
    finally:
        lucid.set_default_dtype(lucid.float32)


def test_subclasses_print_their_own_name():
    class Parameter(Tensor):
        pass

    assert str(Parameter([1.0], requires_grad=True)) == "Parameter([1.0000], grad=None)"
    assert repr(Parameter([1.0])) == "Parameter([1.0000])"
    assert str(Parameter([1.0])) == "[1.0000]"


def test_gradients_are_shown():
    x = Tensor([3.0], requires_grad=True)
    x.grad = Tensor([6.0])
    assert str(x) == "Tensor([3.0000], grad=[6.0000])"
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    x.grad = Tensor([[1.0, -1.0], [0.0, 0.0]])
    assert str(x) == (
        "Tensor([[1.0000, 2.0000],\n"
        "        [3.0000, 4.0000]],\n"
        "       grad=[[1.0000, -1.0000],\n"
        "             [0.0000,  0.0000]])"
    )
    assert str(x * 2).endswith("grad=None)")


def test_bfloat16_prints():
    pytest.importorskip("ml_dtypes")
    assert repr(Tensor([1.5], dtype="bfloat16")) == "Tensor([1.5000], dtype=bfloat16)"


# ---- long and wide --------------------------------------------------------------------


def test_long_tensors_are_summarised():
    assert show(np.arange(1001)) == "[0, 1, 2, ..., 998, 999, 1000]"
    assert "..." not in show(np.arange(1000))
    text = show(np.arange(10000).reshape(100, 100))
    assert text.splitlines()[0] == "[[   0,    1,    2, ...,   97,   98,   99],"
    assert text.splitlines()[3] == " ...,"
    assert len(text.splitlines()) == 7


def test_only_what_is_shown_decides_the_format():
    data = np.ones(2000)
    data[1000] = 1e12
    assert "e" not in show(data)


def test_long_rows_fold_at_the_end_of_the_line():
    lines = show(np.arange(100) * 7).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert len({line.index(",") for line in lines}) == 1  # folded lines stand aligned


# ---- options --------------------------------------------------------------------------


def test_options_hold_until_changed():
    try:
        lucid.set_printoptions(precision=2, threshold=3, edgeitems=1)
        assert show([1.0, 2.0, 3.0, 4.0]) == "[1.00, ..., 4.00]"
        lucid.set_printoptions(sci_mode=True)
        assert show([1.0]) == "[1.00e+00]"
        lucid.set_printoptions(sci_mode=False)
        assert show([1e-9]) == "[0.00]"
    finally:
        lucid.set_printoptions(precision=4, threshold=1000, edgeitems=3, linewidth=80)
    assert show([1e-9]) == "[1.0000e-09]"


def test_profiles():
    x = list(range(2000))
    try:
        lucid.set_printoptions(profile="short")
        assert show([1.0]) == "[1.00]"
        lucid.set_printoptions(profile="full", precision=1)
        assert show(x).count(",") == 1999
    finally:
        lucid.set_printoptions(profile="default")
    assert show([1.0]) == "[1.0000]"
    with pytest.raises(ArgumentError, match="no profile 'long'"):
        lucid.set_printoptions(profile="long")


def test_the_context_manager_restores_even_after_an_error():
    def fail():
        with lucid.printoptions(precision=1, sci_mode=True):
            assert show([1.0]) == "[1.0e+00]"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert show([1.0]) == "[1.0000]"


@pytest.mark.parametrize(
    "options", [{"precision": -1}, {"edgeitems": 0}, {"linewidth": 2.5}, {"threshold": "many"}]
)
def test_bad_options_change_nothing(options):
    with pytest.raises(ArgumentError, match=next(iter(options))):
        lucid.set_printoptions(**{"precision": 2, **options})
    assert show([1.0]) == "[1.0000]"


# ---- properties -----------------------------------------------------------------------

DTYPES = ["bool", "int8", "uint8", "int64", "float16", "float32", "float64", "complex64"]
any_array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays_of.arrays(
        dtype, arrays_of.array_shapes(min_dims=0, min_side=0, max_dims=4)
    )
)


@given(any_array, st.booleans())
def test_printing_never_fails_and_leaves_no_trailing_blanks(array, requires_grad):
    tensor = wrap(array)
    if requires_grad and array.dtype.kind in "fc":
        tensor.requires_grad = True
    for text in (str(tensor), repr(tensor)):
        assert not re.search(r"[ \t]+$", text, re.MULTILINE)
    assert repr(tensor).startswith("Tensor(")


def parse(text):
    words = {"nan": np.nan, "inf": np.inf, "array": np.array}
    return np.array(eval(text.replace("\n", " "), {"__builtins__": {}}, words))


@given(
    arrays_of.arrays(
        np.float64,
        arrays_of.array_shapes(min_dims=0, max_dims=3, max_side=5),
        elements=st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf]),
    )
)
def test_printed_floats_parse_back_within_precision(array):
    back = parse(str(wrap(array)))
    assert back.shape == array.shape
    finite = np.isfinite(array)
    np.testing.assert_array_equal(back[~finite], array[~finite])
    error, scale = np.abs(back[finite] - array[finite]), np.abs(array[finite])
    assert np.all(error <= 0.50001e-4 * np.maximum(scale, 1))


@given(arrays_of.arrays(np.int64, arrays_of.array_shapes(max_dims=3, max_side=5)))
def test_printed_integers_parse_back(array):
    np.testing.assert_array_equal(parse(str(wrap(array))), array)
