"""as_strided and its kin beside PyTorch's, on memory laid out in many ways; and unfold."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

LAYOUTS = {
    "contiguous": lambda x: x,
    "part": lambda x: x[1:3],
    "one column": lambda x: x[:, 1],
    "gaps": lambda x: x[::2, 1::2],
    "transposed": lambda x: x.transpose(0, 1),
    "transposed part": lambda x: x[:2].transpose(0, 1),
    "expanded": lambda x: x[:1].expand(3, 6),
    "flipped": lambda x: x.flip(0) if isinstance(x, lucid.Tensor) else x.flip((0,)),
}
READINGS = [
    ((2, 2), (2, 1), None),
    ((3, 2), (1, 1), None),
    ((2, 3), (0, 1), None),
    ((2,), (1,), 0),
    ((), (), None),
    ((0, 2), (1, 1), None),
    ((2, 2), (3, 2), 1),
]


def both(shape=(4, 6), dtype="float64"):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x = rng.standard_normal(shape)
    if dtype == "complex128":
        x = x + 1j * rng.standard_normal(shape)
    return lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)


def same(ours, theirs):
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), 1e-13, 1e-13)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(("size", "stride", "offset"), READINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_as_strided(layout, size, stride, offset, dtype):
    ours, theirs = both(dtype=dtype)
    lay = LAYOUTS[layout]
    y, expected = (lay(x).as_strided(size, stride, offset) for x in (ours, theirs))
    same(y, expected)
    (y * y).sum().backward(lucid.ones((), dtype=dtype))
    (expected * expected).sum().backward(theirs.new_ones(()))
    same(ours.grad, theirs.grad)
    with lucid.no_grad():
        same(lay(ours).as_strided(size, stride, offset), expected)
        same(lucid.as_strided_copy(lay(ours), size, stride, offset), expected)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "expanded"])
def test_as_strided_scatter(layout):
    torch = pytest.importorskip("torch")
    ours, theirs = both()
    src = np.random.default_rng(2).standard_normal((2, 2))
    a, lay = lucid.tensor(src, requires_grad=True), LAYOUTS[layout]
    y = lay(ours).as_strided_scatter(a, (2, 2), (2, 1))
    theirs = theirs.detach()  # PyTorch's gradient toward what is written to is wrong
    expected = lay(theirs).as_strided_scatter(torch.tensor(src), (2, 2), (2, 1))
    same(y, expected)
    assert gradcheck(lambda x, a: lay(x).as_strided_scatter(a, (2, 2), (2, 1)), (ours, a))


def test_as_strided_is_a_view():
    x = lucid.arange(6.0)
    y = x.as_strided((2, 2), (3, 1))
    x[4] = 10.0
    assert y.tolist() == [[0.0, 1.0], [3.0, 10.0]]
    y[0, 0] = 7.0
    assert x[0].item() == 7.0
    with pytest.raises(ArgumentError, match="cannot be written"):
        x.as_strided((2, 2), (1, 1))[0] = 1.0
    assert x[2:].storage_offset() == 2
    assert x[2:].as_strided((2,), (1,)).storage_offset() == 2


def test_a_changed_base_passes_its_history_on():
    x = lucid.ones(4, requires_grad=True)
    base = x * 1.0
    part = base.as_strided((2,), (2,))
    base.mul_(3.0)
    part.sum().backward()
    assert x.grad.tolist() == [3.0, 0.0, 3.0, 0.0]


@pytest.mark.parametrize("dtype", ["int64", "bool", "float16"])
def test_other_dtypes(dtype):
    x = lucid.arange(6).astype(dtype)
    assert x.as_strided((3, 2), (2, 1)).tolist() == x.reshape(3, 2).tolist()
    assert x.unfold(0, 2, 2).tolist() == x.reshape(3, 2).tolist()


def test_bfloat16():
    pytest.importorskip("ml_dtypes")
    x = lucid.arange(6).astype("bfloat16").requires_grad_()
    y = x.as_strided((5, 2), (1, 1))
    assert y.dtype == x.dtype
    y.sum().backward()
    assert x.grad.float().tolist() == [1.0, 2.0, 2.0, 2.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((7,), (0, 3, 2)),
        ((7,), (-1, 3, 1)),
        ((7,), (0, 2, 5)),
        ((3, 8, 2), (1, 4, 1)),
        ((3, 8, 2), (1, 8, 3)),
        ((5, 4), (0, 5, 1)),
        ((5, 4), (0, 0, 2)),
        ((0, 4), (1, 2, 1)),
        ((), (0, 1, 1)),
        ((), (0, 0, 1)),
    ],
)
def test_unfold(shape, arguments):
    ours, theirs = both(shape)
    y, expected = ours.unfold(*arguments), theirs.unfold(*arguments)
    assert y.shape == tuple(expected.shape)
    same(y, expected)
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    same(ours.grad, theirs.grad)


def test_unfold_of_any_layout_and_order():
    ours, theirs = both((4, 6))
    same(ours.T.unfold(0, 3, 2)[:, ::2], theirs.T.unfold(0, 3, 2)[:, ::2])
    x = lucid.tensor(np.arange(5.0), requires_grad=True)
    assert gradgradcheck(lambda x: x.unfold(0, 3, 1) ** 3, (x,))
    assert gradgradcheck(lambda x: x.as_strided((3, 2), (1, 1)) ** 3, (x,))


X = lucid.ones(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: X.as_strided((2, 2), (1,)), ShapeError, "equal lengths"),
        (lambda: X.as_strided((2, 2), (-1, 1)), ArgumentError, "must not be negative"),
        (lambda: X.as_strided((7,), (1,)), ArgumentError, "element 6 of a memory of 6"),
        (lambda: X.as_strided((2,), (1,), 5), ArgumentError, "element 6"),
        (lambda: X.as_strided((2.0,), (1,)), DTypeError, "integers"),
        (lambda: X.as_strided_scatter(X, (2,), (1,)), ShapeError, "src must have the shape"),
        (lambda: X.unfold(2, 1, 1), IndexingError, "no dimension 2"),
        (lambda: X.unfold(0, 3, 1), ArgumentError, "has length 2"),
        (lambda: X.unfold(0, 1, 0), ArgumentError, "step must be positive"),
        (lambda: X.unfold(0, 1.0, 1), DTypeError, "size must be an integer"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.diagonal(1),
        lambda x: x.T.diagonal(),
        lambda x: x.unfold(1, 2, 2)[:, 0],
        lambda x: x.unfold(0, 2, 3),
        lambda x: x.as_strided((2, 2), (7, 3), 1),
    ],
)
def test_what_is_written_through_a_view_reaches_its_base(view):
    ours, theirs = both()
    grads = []
    for x in (ours, theirs):
        base = x * 1.0
        part = view(base)
        part.mul_(3.0)
        (base * base).sum().backward()
        grads.append((base, x.grad))
    same(grads[0][0], grads[1][0])
    same(grads[0][1], grads[1][1])


def test_copies():
    x = lucid.arange(6.0).reshape(2, 3)
    for name, arguments in [
        ("as_strided", ((2,), (2,))),
        ("diagonal", ()),
        ("expand", ((2, 2, 3),)),
        ("narrow", (1, 0, 2)),
        ("permute", ((1, 0),)),
        ("select", (0, 1)),
        ("unfold", (1, 2, 1)),
        ("view", ((3, 2),)),
    ]:
        made = getattr(lucid, f"{name}_copy")(x, *arguments)
        assert made.tolist() == getattr(x, name)(*arguments).tolist()
        assert not np.shares_memory(made.numpy(), x.numpy())
    assert [part.tolist() for part in lucid.unbind_copy(x[:, :1])] == [[0.0], [3.0]]
    assert lucid.narrow_copy.__name__ == "narrow_copy"


def test_dimensions_of_length_one_may_have_any_stride():
    x = lucid.arange(3.0)[:, None].T
    y = x.as_strided_scatter(lucid.tensor([9.0]), (1,), (1,), 1)
    assert y.tolist() == [[0.0, 9.0, 2.0]]
    assert x.as_strided((2, 2), (1, 1)).tolist() == [[0.0, 1.0], [1.0, 2.0]]
