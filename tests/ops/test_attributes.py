"""What PyTorch users ask a tensor that is not mathematics."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, ShapeError

X = lucid.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
DTYPES = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()  # noqa: SIM905


def test_places_and_sizes_are_pytorchs():
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(X.tolist())
    for x, y in ((X, theirs), (X.T, theirs.T), (X[:, 1], theirs[:, 1]), (X[0, 0], theirs[0, 0])):
        for name in "element_size ndimension numel stride is_contiguous get_device".split():  # noqa: SIM905
            assert getattr(x, name)() == getattr(y, name)(), name
        for name in ("itemsize", "nbytes", "is_cpu", "is_cuda", "is_leaf", "retains_grad"):
            assert getattr(x, name) == getattr(y, name), name
        assert all(x.stride(d) == y.stride(d) for d in range(x.ndim))
        assert x.dim_order() == y.dim_order()
    assert X[1].data_ptr() - X.data_ptr() == 12
    assert lucid.zeros(0).data_ptr() == 0
    assert X.is_set_to(X[:])
    assert not X.is_set_to(X[0])


@pytest.mark.parametrize("name", DTYPES)
def test_type_names_are_pytorchs(name):
    torch = pytest.importorskip("torch")
    x, y = lucid.zeros(1).to(name), torch.zeros(1, dtype=getattr(torch, name))
    assert x.type() == y.type().replace("torch", "lucid")
    assert X.type(x.type()).dtype == x.dtype
    assert lucid.typename(x) == x.type()


def test_types():
    assert X.type(lucid.int64).dtype == lucid.int64
    assert X.type("float64").dtype == lucid.float64
    assert X.type_as(lucid.tensor(1)).dtype == lucid.int64
    kinds = {"byte": "uint8", "char": "int8", "short": "int16"}
    assert all(getattr(X, name)().dtype == dtype for name, dtype in kinds.items())
    assert lucid.typename([]) == "list"
    assert lucid.typename(lucid.Generator(0)) == "lucid.random.Generator"
    with pytest.raises(DTypeError, match="does not name a dtype"):
        X.type("lucid.QuarterTensor")


@pytest.mark.parametrize("source", ["float32", "float64", "int16", "uint8"])
@pytest.mark.parametrize("target", ["int32", "int16", "float64", "uint8"])
def test_view_of_another_dtype(source, target):
    torch = pytest.importorskip("torch")
    data = np.arange(32).reshape(2, 16) % 2
    x = lucid.tensor(data).to(source)
    theirs = torch.tensor(data).to(getattr(torch, source)).view(getattr(torch, target))
    view = x.view(getattr(lucid, target))
    np.testing.assert_array_equal(view.numpy(), theirs.numpy())
    assert np.shares_memory(view.numpy(), x.numpy())


def test_view_of_another_dtype_needs_room_and_has_no_history():
    with pytest.raises(ShapeError, match="view: float32 cannot be read as float64"):
        X.view(lucid.float64)
    with pytest.raises(ShapeError, match="contiguous"):
        X.T.view(lucid.int16)
    x = Tensor([1.0], requires_grad=True)
    assert not x.view(lucid.int32).requires_grad


def test_questions():
    assert lucid.is_tensor(X)
    assert lucid.is_same_size(X, X + 1)
    assert lucid.is_nonzero(lucid.tensor([[2]]))
    assert not lucid.tensor(0.0).is_nonzero()
    assert lucid.numel(X) == 6
    assert 5.0 in X
    assert 7 not in X
    assert complex(lucid.tensor([2.0])) == 2 + 0j
    assert [row.tolist() for row in reversed(X)] == [[4, 5, 6], [1, 2, 3]]
    assert lucid.get_default_device() == X.device
    assert X.positive() is X
    with pytest.raises(ArgumentError, match="is_nonzero: needs exactly one element, not 6"):
        X.is_nonzero()


def test_retains_grad():
    x = Tensor([1.0], requires_grad=True)
    x.retain_grad()
    y = x * 2
    assert not x.retains_grad
    assert not y.retains_grad
    y.retain_grad()
    assert y.retains_grad
    first, _ = (x * y).sort()
    first.retain_grad()
    assert first.retains_grad


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1), (2, 3), (), (1,), (1, 1)])
def test_sum_to_size(shape):
    torch = pytest.importorskip("torch")
    x = Tensor(X, requires_grad=True)
    total = x.sum_to_size(*shape) if shape else x.sum_to_size(())
    assert total.tolist() == torch.tensor(X.tolist()).sum_to_size(shape).tolist()
    (total * 3).sum().backward()
    assert x.grad.tolist() == [[3, 3, 3]] * 2


@pytest.mark.parametrize("shape", [(2,), (2, 2), (1, 2, 3)])
def test_sum_to_a_size_that_does_not_broadcast(shape):
    with pytest.raises(ShapeError, match="sum_to_size"):
        X.sum_to_size(shape)


def test_limits_of_dtypes():
    assert lucid.finfo().max == np.finfo(np.float32).max
    assert lucid.iinfo(lucid.uint8).max == 255
    with pytest.raises(DTypeError, match="iinfo"):
        lucid.finfo(lucid.int8)
    with pytest.raises(DTypeError, match="finfo"):
        lucid.iinfo(lucid.float32)


def test_limits_of_bfloat16():
    pytest.importorskip("ml_dtypes")
    assert lucid.finfo(lucid.bfloat16()).bits == 16
