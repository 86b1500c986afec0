"""Products: values against NumPy, gradients, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, IndexingError, ShapeError

RNG = np.random.default_rng(0)


def tensor(*shape, grad=False):
    return Tensor(RNG.standard_normal(shape), dtype=lucid.float64, requires_grad=grad)


def assert_differentiates(function, *operands):
    """First and second derivatives in a random direction, against finite differences."""
    arrays = [x.data for x in operands]
    steps = [RNG.standard_normal(a.shape) for a in arrays]
    inputs = [Tensor(a, dtype=lucid.float64, requires_grad=True) for a in arrays]
    weights = Tensor(RNG.standard_normal(function(*inputs).shape), dtype=lucid.float64)

    def slope(*inputs, create_graph=False):
        y = function(*inputs)
        (y * y * weights).sum().backward(create_graph=create_graph)
        pairs = zip(inputs, steps, strict=True)
        return sum((x.grad * Tensor(d, dtype=lucid.float64)).sum() for x, d in pairs)

    def moved(sign):
        pairs = zip(arrays, steps, strict=True)
        return [
            Tensor(a + sign * 1e-5 * d, dtype=lucid.float64, requires_grad=True) for a, d in pairs
        ]

    def value(inputs):
        y = function(*inputs)
        return (y * y * weights).sum().item()

    first = slope(*inputs, create_graph=True)
    numeric = (value(moved(1)) - value(moved(-1))) / 2e-5
    np.testing.assert_allclose(first.item(), numeric, rtol=1e-6, atol=1e-7)
    for x in inputs:
        x.grad = None
    first.backward()
    second = sum((x.grad.numpy() * d).sum() for x, d in zip(inputs, steps, strict=True))
    numeric = (slope(*moved(1)).item() - slope(*moved(-1)).item()) / 2e-5
    np.testing.assert_allclose(second, numeric, rtol=1e-6, atol=1e-6)


# ---- matmul -------------------------------------------------------------------


@st.composite
def factors(draw):
    """Shapes of two operands that multiply: vectors, matrices, batches that broadcast."""
    length = st.integers(0, 3)
    n, k, m = draw(length), draw(length), draw(length)
    batch = draw(st.lists(st.integers(0, 3), max_size=2))
    left = [1 if draw(st.booleans()) else b for b in batch][draw(st.integers(0, len(batch))) :]
    right = [1 if draw(st.booleans()) else b for b in batch][draw(st.integers(0, len(batch))) :]
    return (
        draw(st.sampled_from([(k,), (*left, n, k)])),
        draw(st.sampled_from([(k,), (*right, k, m)])),
    )


@settings(deadline=None)
@given(factors(), st.booleans())
def test_matmul_equals_numpy_in_any_layout(shapes, turned):
    a, b = (RNG.standard_normal(shape) for shape in shapes)
    x, y = Tensor(a, dtype=lucid.float64), Tensor(b, dtype=lucid.float64)
    if turned and a.ndim > 1:
        x = Tensor(a.swapaxes(-1, -2), dtype=lucid.float64).mT
    if turned and b.ndim > 1:
        y = Tensor(b.swapaxes(-1, -2), dtype=lucid.float64).mT
    np.testing.assert_allclose((x @ y).numpy(), a @ b, atol=1e-12)


@pytest.mark.parametrize(
    "shapes",
    [
        *(((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 2, 3), (3,))),
        *(((3,), (2, 3, 2)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)), ((2, 1, 2, 3), (4, 3, 1))),
    ],
)
def test_derivatives_of_matmul(shapes):
    assert_differentiates(lucid.matmul, *(tensor(*shape) for shape in shapes))


def test_matmul_of_complex_and_of_mixed_dtypes():
    a = RNG.standard_normal((2, 3)) + 1j * RNG.standard_normal((2, 3))
    z = lucid.tensor(a)
    np.testing.assert_allclose((z @ z.mT).numpy(), a @ a.T)
    assert (lucid.tensor([[1, 2]]) @ Tensor([[0.5], [1.0]])).tolist() == [[2.5]]


def test_operands_that_need_no_gradient_get_none():
    a, b = tensor(2, 3, grad=True), tensor(3, 2)
    (a @ b).sum().backward()
    assert b.grad is None
    np.testing.assert_allclose(a.grad.numpy(), np.broadcast_to(b.numpy().sum(1), (2, 3)))


def test_a_numpy_array_on_the_left():
    a = tensor(2, 2)
    np.testing.assert_allclose((a.numpy() @ a).numpy(), a.numpy() @ a.numpy())


# ---- special cases ------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "expected", "shapes"),
    [
        (lucid.mm, np.matmul, [(2, 3), (3, 2)]),
        (lucid.bmm, np.matmul, [(2, 2, 3), (2, 3, 2)]),
        (lucid.mv, np.matmul, [(2, 3), (3,)]),
        (lucid.dot, np.dot, [(3,), (3,)]),
        (lucid.vdot, np.vdot, [(3,), (3,)]),
        (lucid.inner, np.inner, [(2, 3), (4, 3)]),
        (lucid.inner, np.inner, [(), (3,)]),
        (lucid.outer, np.outer, [(2,), (3,)]),
        (lucid.kron, np.kron, [(2, 3), (2,)]),
        (lucid.tensordot, np.tensordot, [(2, 3, 2), (3, 2, 2)]),
        (
            lambda a, b: lucid.tensordot(a, b, ([0, -1], [1, 0])),
            lambda a, b: np.tensordot(a, b, ([0, -1], [1, 0])),
            [(2, 3, 4), (4, 2)],
        ),
        (
            lambda a, b: lucid.tensordot(a, b, 0),
            lambda a, b: np.tensordot(a, b, 0),
            [(2,), (3,)],
        ),
        (
            lambda c, a, b: lucid.addmm(c, a, b, beta=2, alpha=3),
            lambda c, a, b: 2 * c + 3 * a @ b,
            [(2,), (2, 3), (3, 2)],
        ),
        (
            lambda c, a, b: lucid.addmv(c, a, b, beta=2, alpha=3),
            lambda c, a, b: 2 * c + 3 * a @ b,
            [(2,), (2, 3), (3,)],
        ),
        (lucid.baddbmm, lambda c, a, b: c + a @ b, [(1, 2), (2, 1, 3), (2, 3, 2)]),
    ],
)
def test_special_cases(function, expected, shapes):
    operands = [tensor(*shape) for shape in shapes]
    made, wanted = function(*operands).numpy(), expected(*(x.numpy() for x in operands))
    np.testing.assert_allclose(made, wanted)
    assert_differentiates(function, *operands)


def test_with_beta_zero_not_even_a_nan_counts():
    nan, one = Tensor([[np.nan]]), Tensor([[1.0]])
    assert lucid.addmm(nan, one, one, beta=0).item() == 1


# ---- einsum -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("ij->ji", [(2, 3)]),
        ("ij->", [(2, 3)]),
        ("ij->j", [(2, 3)]),
        ("ii", [(3, 3)]),
        ("ii->i", [(3, 3)]),
        ("iij->ji", [(3, 3, 2)]),
        ("i,i", [(3,), (3,)]),
        ("i,j->ij", [(2,), (3,)]),
        ("ij,ij->ij", [(2, 3), (2, 3)]),
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
        ("bij,bkj->bik", [(2, 3, 4), (2, 2, 4)]),
        ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 2, 4)]),
        ("bn,anm,bm->ba", [(2, 3), (4, 3, 2), (2, 2)]),
        ("...ij,...jk->...ik", [(2, 3, 4), (4, 2)]),
        ("...ij,...jk", [(1, 3, 4), (5, 4, 2)]),
        ("i...,...->i...", [(2, 3), ()]),
        ("...i->...", [(2, 3)]),
        ("ij,kj->ik", [(2, 1), (3, 4)]),
        ("ij,k->j", [(2, 3), (4,)]),
        ("a,ab,abc->abc", [(2,), (2, 3), (2, 3, 2)]),
        ("ij,jk->ik", [(0, 3), (3, 4)]),
        ("ij,jk->ik", [(2, 0), (0, 4)]),
        (",->", [(), ()]),
    ],
)
def test_einsum_equals_numpy(equation, shapes):
    operands = [tensor(*shape) for shape in shapes]
    expected = np.einsum(equation, *(x.numpy() for x in operands))
    made = lucid.einsum(equation, *operands).numpy()
    np.testing.assert_allclose(made, expected, atol=1e-12)
    np.testing.assert_allclose(lucid.einsum(equation, operands).numpy(), made)
    if made.size and all(x.numel() for x in operands) and len(shapes) < 3:
        assert_differentiates(lambda *xs: lucid.einsum(equation, *xs), *operands)


@settings(deadline=None)
@given(st.data())
def test_random_einsums_equal_numpy(data):
    sizes = {"a": 2, "b": 3, "c": 1, "d": 4}
    terms = data.draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=3))
    known = sorted(set("".join(terms)))
    result = "".join(data.draw(st.permutations(known))[: data.draw(st.integers(0, len(known)))])
    operands = [tensor(*(sizes[c] for c in term)) for term in terms]
    equation = f"{','.join(terms)}->{result}"
    expected = np.einsum(equation, *(x.numpy() for x in operands))
    np.testing.assert_allclose(lucid.einsum(equation, *operands).numpy(), expected, atol=1e-12)


# ---- what is refused ----------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x @ x, ShapeError, r"3 columns on the left, 2 rows(.|\n)*other\.mT"),
        (lambda x: x @ tensor(2, 4), ShapeError, r"input\.mT @ other"),
        (lambda x: x @ tensor(), ShapeError, r"0-d(.|\n)*input \* other"),
        (lambda x: tensor() @ x, ShapeError, "0-d"),
        (lambda x: tensor(4) @ tensor(3), ShapeError, "4 columns on the left, 3 rows"),
        (lambda x: tensor(2, 2, 3) @ tensor(4, 3, 2), ShapeError, "leading dimensions"),
        (lambda x: lucid.mm(x, tensor(3)), ShapeError, "2-d input, 2-d mat2"),
        (lambda x: lucid.bmm(tensor(2, 2, 3), tensor(1, 3, 2)), ShapeError, "equal length"),
        (lambda x: lucid.mv(x, x), ShapeError, "1-d vec"),
        (lambda x: lucid.dot(x, x), ShapeError, "1-d"),
        (lambda x: lucid.inner(x, tensor(2)), ShapeError, "equal lengths"),
        (lambda x: lucid.outer(x, x), ShapeError, "1-d"),
        (lambda x: lucid.tensordot(x, x, 3), ArgumentError, "not so many"),
        (lambda x: lucid.tensordot(x, x, ([0], [1])), ShapeError, "equal lengths"),
        (lambda x: lucid.tensordot(x, x, ([0], [0, 1])), ArgumentError, "pair up"),
        (lambda x: lucid.tensordot(x, x, ([5], [0])), IndexingError, "no dimension 5"),
        (lambda x: lucid.addmm(x, x, x), ShapeError, "columns"),
        (lambda x: lucid.einsum("ij,jk", x), ArgumentError, "2 terms, but 1 operand"),
        (lambda x: lucid.einsum("i.j", x), ArgumentError, "no term"),
        (lambda x: lucid.einsum("i", x), ArgumentError, "2 dimensions"),
        (lambda x: lucid.einsum("...ijk", x), ArgumentError, "2 dimensions"),
        (lambda x: lucid.einsum("ij->ik", x), ArgumentError, "label of the result"),
        (lambda x: lucid.einsum("ij->ii", x), ArgumentError, "label of the result"),
        (lambda x: lucid.einsum("ij,ik", x, x.T), ShapeError, "'i' stands for"),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call(tensor(2, 3))
