"""Complex numbers: what PyTorch cannot say of them, errors, and the methods of a tensor."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.errors import DTypeError, LucidError, ShapeError

Z = [[1 + 2j, 3 - 1j], [-0.5j, 2 + 0j]]


def test_parts_are_views():
    z = lucid.tensor(Z)
    for view in (z.real, z.imag, lucid.view_as_real(z)):
        assert np.shares_memory(view.data, z.data)
    z.real.fill_(7)
    assert z.tolist() == [[7 + 2j, 7 - 1j], [7 - 0.5j, 7 + 0j]]
    z.imag = lucid.zeros(2)
    z.real = 1
    assert z.tolist() == [[1, 1], [1, 1]]


def test_a_real_tensor_is_its_own_real_part_and_conjugate():
    x = lucid.tensor([1.0, -2.0])
    assert x.real is x
    assert lucid.conj(x) is x
    assert lucid.conj_physical(x) is x


def test_pairs_in_any_layout():
    pairs = np.arange(24.0).reshape(3, 4, 2)
    expected = pairs[..., 0] + 1j * pairs[..., 1]
    for array in (pairs, pairs[:, ::-1], pairs.copy(order="F"), pairs.astype(np.float32)):
        z = lucid.view_as_complex(lucid.as_tensor(array))
        want = expected[:, ::-1] if array.strides[1] < 0 else expected
        np.testing.assert_array_equal(z.numpy(), want)
        np.testing.assert_array_equal(lucid.view_as_real(z).numpy(), array)
    assert np.shares_memory(lucid.view_as_complex(lucid.as_tensor(pairs)).data, pairs)


def test_complex_keeps_infinities_and_signs_in_their_part():
    z = lucid.complex(lucid.tensor([float("inf"), -0.0]), lucid.tensor([1.0, -0.0]))
    assert z.real.tolist() == [float("inf"), 0.0]
    assert np.signbit(z.real.numpy()).tolist() == [False, True]
    assert np.signbit(z.imag.numpy()).tolist() == [False, True]


def test_parts_of_two_dtypes_are_promoted():
    z = lucid.complex(lucid.ones(2), lucid.ones(2, dtype=lucid.float64))
    assert z.dtype == lucid.complex128


def test_angle_of_real_numbers():
    x = lucid.tensor([1.0, -1.0, -0.0, float("nan")], requires_grad=True)
    y = lucid.angle(x)
    np.testing.assert_allclose(y.detach().numpy(), [0, np.pi, 0, np.nan], rtol=1e-6)
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 0]
    assert lucid.angle(lucid.tensor([1, -1])).dtype == lucid.float32


def test_gradients_at_the_origin_are_zero():
    for function in (lucid.angle, lucid.abs, lambda z: lucid.sgn(z).real):
        z = lucid.tensor([0j, 1j], requires_grad=True)
        function(z).sum().backward()
        assert z.grad[0].item() == 0


def test_a_real_input_gets_a_real_gradient():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    ((x * (1 + 2j)) ** 2).abs().sum().backward()
    assert x.grad.dtype == lucid.float32
    np.testing.assert_allclose(x.grad.numpy(), [10.0, 20.0], rtol=1e-6)


def test_nan_to_num_mends_each_part():
    nan, inf = float("nan"), float("inf")
    z = lucid.tensor([complex(nan, 1), complex(2, inf)], requires_grad=True)
    mended = lucid.nan_to_num(z, posinf=5.0)
    assert mended.tolist() == [1j, 2 + 5j]
    (mended.real + 2 * mended.imag).sum().backward()
    assert z.grad.tolist() == [2j, 1]


def test_matrices_transposed_and_conjugated():
    z = lucid.tensor(Z)
    expected = np.array(Z).conj().T
    for found in (z.mH, z.H, z.adjoint(), lucid.adjoint(z)):
        np.testing.assert_allclose(found.numpy(), expected)
    assert lucid.ones(2, 3, 4).mH.shape == (2, 4, 3)


def test_numbers_at_equal_distance():
    assert lucid.linspace(0, 2j, 3).tolist() == [0, 1j, 2j]
    assert lucid.linspace(0, 2j, 3).dtype == lucid.complex64
    ends = lucid.tensor(1 + 0j, dtype=lucid.complex128), 3 + 2j
    assert lucid.linspace(*ends, 2, dtype=lucid.complex128).tolist() == [1, 3 + 2j]
    np.testing.assert_allclose(lucid.logspace(0, 1j, 2).numpy(), [1, 10**1j], rtol=1e-6)


def test_casting():
    x = lucid.tensor([1.0, 2.0])
    assert x.cfloat().dtype == lucid.cfloat == lucid.complex64
    assert x.cdouble().dtype == lucid.cdouble == lucid.complex128


def test_kinds():
    z, x, n = lucid.tensor([1j]), lucid.tensor([1.0]), lucid.tensor([1])
    assert [t.is_complex() for t in (z, x, n)] == [True, False, False]
    assert [lucid.is_floating_point(t) for t in (z, x, n)] == [False, True, False]
    assert [t.is_signed() for t in (z, n.to(lucid.uint8), n.bool())] == [True, False, False]
    assert not z.conj().is_conj()
    assert not z.is_neg()
    assert z.conj().resolve_conj().resolve_neg().item() == -1j


def test_far_from_zero_nothing_overflows():
    z = lucid.tensor([-1000 + 1j, 1000 + 1j])
    assert np.isfinite(lucid.sigmoid(z).numpy()).all()
    assert np.isfinite(lucid.silu(z).numpy()).all()
    assert np.isfinite(lucid.logaddexp(z, z + 1).numpy()).all()
    assert np.isfinite(lucid.logsumexp(z, 0).numpy()).all()


def test_dense_layers_of_complex_numbers():
    layers = lucid.nn.Sequential(lucid.nn.Linear(2, 3), lucid.nn.Tanh(), lucid.nn.Linear(3, 1))
    layers = layers.to(lucid.complex64)
    layers(lucid.tensor(Z)).abs().sum().backward()
    assert all(p.grad.dtype == lucid.complex64 for p in layers.parameters())


REFUSED = {
    "imag of real": (lambda: lucid.imag(lucid.ones(2)), DTypeError, "complex"),
    "view_as_real of real": (lambda: lucid.view_as_real(lucid.ones(2)), DTypeError, "complex"),
    "pairs of three": (lambda: lucid.view_as_complex(lucid.ones(3)), ShapeError, "length 2"),
    "pairs, 0-d": (lambda: lucid.view_as_complex(lucid.tensor(1.0)), ShapeError, "length 2"),
    "pairs of integers": (
        lambda: lucid.view_as_complex(lucid.tensor([1, 2])),
        DTypeError,
        "float32 or float64",
    ),
    "integer parts": (
        lambda: lucid.complex(lucid.tensor([1]), lucid.tensor([2])),
        DTypeError,
        "float32 or float64",
    ),
    "a number as a part": (lambda: lucid.complex(lucid.ones(2), 1.0), DTypeError, "two tensors"),
    "halves": (
        lambda: lucid.polar(lucid.ones(2).half(), lucid.ones(2).half()),
        DTypeError,
        "polar: takes two tensors",
    ),
    "parts that do not fit": (
        lambda: lucid.complex(lucid.ones(2), lucid.ones(3)),
        ShapeError,
        "complex",
    ),
    "adjoint of a vector": (lambda: lucid.ones(2).mH, ShapeError, "matrices"),
    "H of a batch": (lambda: lucid.ones(2, 2, 2).H, ShapeError, "one matrix"),
    "layer_norm": (lambda: F.layer_norm(lucid.tensor(Z), 2), DTypeError, "layer_norm: takes real"),
    "batch_norm": (
        lambda: F.batch_norm(lucid.tensor(Z), None, None, training=True),
        DTypeError,
        "batch_norm: takes real",
    ),
    "cosine_similarity": (
        lambda: F.cosine_similarity(lucid.tensor(Z), lucid.tensor(Z)),
        DTypeError,
        "cosine_similarity",
    ),
    "searchsorted": (
        lambda: lucid.searchsorted(lucid.tensor([1.0]), lucid.tensor([1j])),
        DTypeError,
        "searchsorted: complex",
    ),
    "linspace": (
        lambda: lucid.linspace(0, 1j, 3, dtype=lucid.float32),
        DTypeError,
        "linspace: complex ends",
    ),
    "multinomial": (lambda: lucid.tensor(Z).multinomial(1), DTypeError, "multinomial: complex"),
    "poisson": (lambda: lucid.poisson(lucid.tensor(Z)), DTypeError, "poisson: complex"),
    "bernoulli": (lambda: lucid.bernoulli(lucid.tensor(Z)), DTypeError, "bernoulli: complex"),
    "a dtype of no name": (lambda: lucid.can_cast("float33", "int8"), DTypeError, "can_cast"),
    "a promotion of text": (lambda: lucid.result_type("a", 1), DTypeError, "result_type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_errors(name):
    call, error, match = REFUSED[name]
    with pytest.raises(error, match=match) as caught:
        call()
    assert isinstance(caught.value, LucidError)
