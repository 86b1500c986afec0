"""Linear, Bilinear and Identity."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, ShapeError


def test_initial_values_lie_within_the_bound_and_follow_the_seed():
    lucid.manual_seed(3)
    first = nn.Linear(16, 400)
    lucid.manual_seed(3)
    second = nn.Linear(16, 400)
    for name, values in first.state_dict().items():
        assert (values.numpy() == second.state_dict()[name].numpy()).all()
        assert np.abs(values.numpy()).max() <= 0.25
        assert np.abs(values.numpy()).max() > 0.24
        assert abs(values.numpy().mean()) < 0.02


@pytest.mark.parametrize("lead", [(), (5,), (2, 5), (0,)])
@pytest.mark.parametrize("bias", [True, False])
def test_output(lead, bias):
    layer = nn.Linear(3, 2, bias=bias)
    x = lucid.randn(*lead, 3)
    want = x.numpy() @ layer.weight.detach().numpy().T
    if bias:
        want = want + layer.bias.detach().numpy()
    got = layer(x).detach().numpy()
    assert got.shape == (*lead, 2)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_without_bias():
    layer = nn.Linear(3, 2, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert repr(layer) == "Linear(in_features=3, out_features=2, bias=False)"


def test_dtype_and_device():
    assert nn.Linear(2, 1, dtype=lucid.float64).bias.dtype == lucid.float64
    assert nn.Linear(2, 1, device="cpu").weight.device == "cpu"
    with pytest.raises(ArgumentError, match="'cuda' is not available"):
        nn.Linear(2, 1, device="cuda")


@pytest.mark.parametrize(
    ("sizes", "error", "match"),
    [
        ((2.5, 1), DTypeError, "Linear: in_features must be an integer"),
        ((2, "1"), DTypeError, "Linear: out_features must be an integer"),
        ((True, 1), DTypeError, "Linear: in_features must be an integer"),
        ((-1, 1), ArgumentError, "Linear: in_features must be at least 0"),
    ],
)
def test_bad_sizes(sizes, error, match):
    with pytest.raises(error, match=match):
        nn.Linear(*sizes)


def test_empty_layers():
    assert nn.Linear(0, 2)(lucid.ones(3, 0)).shape == (3, 2)
    assert nn.Linear(2, 0)(lucid.ones(3, 2)).shape == (3, 0)


def test_wrong_input_names_the_layer():
    with pytest.raises(ShapeError, match="must have 2 features") as error:
        nn.Linear(2, 1)(lucid.ones(4, 3))
    assert error.value.__notes__ == ["  in Linear(in_features=2, out_features=1, bias=True)"]


@pytest.mark.parametrize("lead", [(), (5,), (2, 5)])
def test_bilinear(lead):
    layer = nn.Bilinear(2, 3, 4)
    a, b = lucid.randn(*lead, 2), lucid.randn(*lead, 3)
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    want = np.einsum("...i,kij,...j->...k", a.numpy(), weight, b.numpy()) + bias
    np.testing.assert_allclose(layer(a, b).detach().numpy(), want, rtol=1e-4, atol=1e-5)
    assert nn.Bilinear(2, 3, 4, bias=False)(a, b).shape == (*lead, 4)


def test_bilinear_refuses_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match="bilinear: the shapes must be"):
        nn.Bilinear(2, 3, 4)(lucid.ones(5, 2), lucid.ones(4, 3))


def test_identity_ignores_its_arguments():
    x = lucid.ones(2)
    assert nn.Identity(1, unused=2)(x) is x
