"""The table of in-place forms: values, gradients and refusals as PyTorch has them."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.errors import DTypeError, GradError, ShapeError
from lucid.ops import inplace_forms

torch = pytest.importorskip("torch")

MATRIX = [[0.3, 0.6], [0.2, 0.9]]
BINARY = """
add sub subtract mul multiply div divide true_divide floor_divide remainder fmod pow
copysign clamp_min clamp_max xlogy atan2 arctan2 hypot float_power nextafter heaviside
eq ne lt le gt ge not_equal less less_equal greater greater_equal
logical_and logical_or logical_xor igamma igammac
"""
ARGUMENTS = {
    **dict.fromkeys(BINARY.split(), ([[0.5, 0.7], [0.25, 0.4]],)),
    "addcmul": (MATRIX, MATRIX),
    "addcdiv": (MATRIX, MATRIX),
    "lerp": (MATRIX, 0.25),
    "addmm": (MATRIX, MATRIX),
    "addmv": (MATRIX, [1.0, 2.0]),
    "addr": ([1.0, 2.0], [3.0, 4.0]),
    "clamp": (0.25, 0.7),
    "clip": (0.25, 0.7),
    "cumsum": (0,),
    "cumprod": (0,),
    "mvlgamma": (1,),
    "renorm": (2.0, 0, 0.5),
}
START = {
    "addmv": [0.3, 0.6],
    "acosh": [[1.5, 1.8], [1.2, 2.9]],
    "arccosh": [[1.5, 1.8], [1.2, 2.9]],
}
WITHOUT_GRADIENT = {"igamma", "igammac", "floor_divide", "heaviside"}  # in PyTorch too
ELSEWHERE = {"baddbmm", "addbmm", "ldexp", "polygamma"}
BITS = {f"bitwise_{n}" for n in ("and", "or", "xor", "not", "left_shift", "right_shift")}
WHOLE = BITS | {"gcd", "lcm"}
TABLE = inplace_forms._FORMS.partition("selection:")[0]  # the rest is tested with its ops
FORMS = [word for word in TABLE.split() if not word.endswith((":", ","))]


def test_every_form_has_its_op():
    for name in FORMS:
        assert hasattr(Tensor, name), name
        assert hasattr(torch.Tensor, f"{name}_"), name


@pytest.mark.parametrize("name", [n for n in FORMS if n not in ELSEWHERE | WHOLE])
def test_values_and_gradients(name):
    x = lucid.tensor(START.get(name, MATRIX), dtype=lucid.float64, requires_grad=True)
    theirs = torch.tensor(x.tolist(), dtype=torch.float64, requires_grad=True)
    args = ARGUMENTS.get(name, ())
    args, their_args = (
        [make(a, dtype=kind) if isinstance(a, list) else a for a in args]
        for make, kind in ((lucid.tensor, lucid.float64), (torch.tensor, torch.float64))
    )
    expected = getattr(theirs, name)(*their_args).to(torch.float64)
    y = x * 1
    assert getattr(y, f"{name}_")(*args) is y
    np.testing.assert_allclose(y.tolist(), expected.tolist(), rtol=1e-9)
    assert y.requires_grad
    if name in WITHOUT_GRADIENT:
        return
    (y * y).sum().backward()
    slopes = np.zeros(x.shape)
    if expected.requires_grad:
        (expected * expected).sum().backward()
        slopes = theirs.grad.numpy(force=True)
    np.testing.assert_allclose(x.grad.numpy(), slopes, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(WHOLE & set(FORMS)))
def test_forms_of_integers(name):
    results = []
    for make in (lucid.tensor, torch.tensor):
        x = make([5, 12, 6])
        own = [] if name == "bitwise_not" else [make([3, 2, 1])]
        assert getattr(x, f"{name}_")(*own) is x
        results.append(x.tolist())
    assert results[0] == results[1]


def test_operators_change_the_memory():
    x = lucid.tensor([5, 12, 6])
    memory = x.numpy()
    x &= 13
    x |= 16
    x ^= 1
    x <<= 2
    x >>= 1
    assert x.numpy() is memory
    assert memory.tolist() == (((np.array([5, 12, 6]) & 13 | 16) ^ 1) << 2 >> 1).tolist()


def test_products_in_batches():
    x = lucid.zeros(2, 2, 2)
    assert x.baddbmm_(lucid.ones(2, 2, 3), lucid.ones(2, 3, 2)).tolist() == [[[3, 3], [3, 3]]] * 2
    y = lucid.eye(2)
    assert y.addmm_(y, y, beta=2, alpha=3).tolist() == [[5, 0], [0, 5]]


def test_forms_with_other_arguments():
    x = lucid.tensor([1.0, 2.0])
    assert x.ldexp_(lucid.tensor([3, 1])).tolist() == [8, 4]
    expected = torch.tensor([8.0, 4.0]).polygamma(1).tolist()
    np.testing.assert_allclose(x.polygamma_(1).tolist(), expected, rtol=1e-6)


def test_comparisons_keep_the_dtype():
    assert lucid.tensor([1, 5]).lt_(2.5).tolist() == [1, 0]
    x = lucid.tensor([1.0, 5.0])
    assert x.logical_not_().dtype == lucid.float32


@pytest.mark.parametrize("name", ["exp_", "sin_", "sigmoid_", "sqrt_", "atan_"])
def test_integers_do_not_hold_floats(name):
    x = lucid.tensor([1, 2])
    with pytest.raises(DTypeError, match=rf"{name}: the result is of dtype float32"):
        getattr(x, name)()
    assert x.tolist() == [1, 2]


def test_refusals_name_the_form():
    leaf = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GradError, match="cumsum_: a leaf"):
        leaf.cumsum_(0)
    with pytest.raises(ShapeError, match="hypot_: the result has shape"):
        lucid.zeros(2).hypot_(lucid.zeros(3, 2))
    with pytest.raises(ShapeError, match="addmm_"):
        lucid.zeros(2).addmm_(lucid.zeros(2, 2), lucid.zeros(2, 2))
    saved = leaf * 1
    product = saved * saved
    saved.erfc_()
    with pytest.raises(GradError, match="changed in place"):
        product.sum().backward()


def test_a_constant_result_has_a_gradient_of_zero():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    y.gt_(1.5)
    (y * 7).sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_the_tensor_as_its_own_argument():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x * 1
    y.addmm_(y, mat2=y)
    y.sum().backward()
    a = x.detach().numpy()
    ones = np.ones((2, 2))
    np.testing.assert_allclose(x.grad.numpy(), 1 + ones @ a.T + a.T @ ones)
