"""nn beside PyTorch: outputs, gradients, running values, printing and state of the same layers."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F

torch = pytest.importorskip("torch")
tnn = torch.nn

RNG = np.random.default_rng(0)
X = (RNG.standard_normal((6, 4)) * 2).astype(np.float32)

LAYERS = [
    ("Linear", (4, 3), {}),
    ("Linear", (4, 3), {"bias": False}),
    ("Identity", (), {}),
    ("ReLU", (), {}),
    ("ReLU6", (), {}),
    ("LeakyReLU", (0.2,), {}),
    ("ELU", (1.5,), {}),
    ("SELU", (), {}),
    ("CELU", (0.7,), {}),
    ("GELU", (), {}),
    ("GELU", (), {"approximate": "tanh"}),
    ("SiLU", (), {}),
    ("Mish", (), {}),
    ("Softplus", (2.0, 1.5), {}),
    ("Tanh", (), {}),
    ("Sigmoid", (), {}),
    ("LogSigmoid", (), {}),
    ("Hardtanh", (-0.5, 1.0), {}),
    ("Hardsigmoid", (), {}),
    ("Hardswish", (), {}),
    ("Softsign", (), {}),
    ("Tanhshrink", (), {}),
    ("Softshrink", (), {}),
    ("Hardshrink", (0.7,), {}),
    ("Threshold", (0.5, 20.0), {}),
    ("GLU", (), {}),
    ("GLU", (0,), {}),
    ("PReLU", (), {}),
    ("PReLU", (4,), {"init": 0.1}),
    ("Softmax", (), {"dim": 1}),
    ("LogSoftmax", (), {"dim": 0}),
    ("Softmin", (), {"dim": -1}),
    ("BatchNorm1d", (4,), {}),
    ("BatchNorm1d", (4,), {"affine": False, "momentum": None}),
    ("BatchNorm1d", (4, 1e-3), {"track_running_stats": False}),
    ("BatchNorm1d", (4,), {"bias": False}),
    ("LayerNorm", (4,), {}),
    ("LayerNorm", ((6, 4), 1e-2), {}),
    ("LayerNorm", (4,), {"bias": False}),
    ("LayerNorm", (4,), {"elementwise_affine": False}),
    ("Dropout", (0.3,), {}),
]


def pair(name, args, kwargs):
    """The same layer of both libraries, with the same random parameters."""
    theirs, ours = getattr(tnn, name)(*args, **kwargs), getattr(nn, name)(*args, **kwargs)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.tensor(RNG.standard_normal(tuple(parameter.shape))))
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    return ours, theirs


def run(module, x, cotangent, library):
    """The output of a layer, and the gradients of its input and parameters."""
    module.zero_grad()
    x = library.tensor(x, requires_grad=True) if library is torch else nn.Parameter(x)
    y = module(x)
    (y * library.tensor(cotangent)).sum().backward()
    gradients = [x.grad, *(p.grad for p in module.parameters())]
    return [np.asarray(t.detach().numpy()) for t in (y, *gradients)]


def assert_alike(ours, theirs):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS)
def test_layer(name, args, kwargs):
    ours, theirs = pair(name, args, kwargs)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for mode in [False] if name == "Dropout" else [True, False, True]:
        ours.train(mode)
        theirs.train(mode)
        for x in (X, X[::-1] * 0.5) if mode else (X,):
            x = np.ascontiguousarray(x)
            cotangent = RNG.standard_normal(tuple(theirs(torch.tensor(x)).shape))
            cotangent = cotangent.astype(np.float32)
            ours(lucid.tensor(x))  # both see every batch twice
            assert_alike(run(ours, x, cotangent, lucid), run(theirs, x, cotangent, torch))
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key].numpy(), value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "ELU", "CELU"]
)
def test_inplace_is_shown(name):
    assert repr(getattr(nn, name)(inplace=True)) == repr(getattr(tnn, name)(inplace=True))


def test_bilinear():
    ours, theirs = pair("Bilinear", (4, 3, 2), {})
    assert repr(ours) == repr(theirs)
    a, b = X, X[:, :3].copy()
    got = ours(lucid.tensor(a), lucid.tensor(b)).detach().numpy()
    np.testing.assert_allclose(got, theirs(torch.tensor(a), torch.tensor(b)).detach(), rtol=1e-4)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_over_positions(training):
    x = RNG.standard_normal((5, 3, 7)).astype(np.float32)
    ours, theirs = pair("BatchNorm1d", (3,), {})
    cotangent = RNG.standard_normal(x.shape).astype(np.float32)
    ours.train(training)
    theirs.train(training)
    assert_alike(run(ours, x, cotangent, lucid), run(theirs, x, cotangent, torch))
    np.testing.assert_allclose(ours.running_var.numpy(), theirs.running_var, rtol=1e-5)


def both(library):
    """One network, built from either library."""
    layers = library.nn if library is torch else nn

    class Block(layers.Module):
        def __init__(self, width):
            super().__init__()
            self.norm = layers.LayerNorm(width)
            self.layers = layers.Sequential(layers.Linear(width, 2 * width), layers.GELU())
            self.back = layers.Linear(2 * width, width)
            self.register_buffer("scale", library.ones(1))

        def forward(self, x):
            return x + self.back(self.layers(self.norm(x))) * self.scale

    class Model(layers.Module):
        def __init__(self):
            super().__init__()
            self.blocks = layers.ModuleList([Block(4) for _ in range(3)])
            self.heads = layers.ModuleDict({"mean": layers.Linear(4, 1)})
            self.gain = layers.Parameter(library.ones(2))
            self.drop = layers.Dropout(0.1)
            self.nothing = None
            self.act = layers.Sequential()

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return self.heads["mean"](self.drop(x)) * self.gain.sum()

    return Model()


def test_a_network():
    ours, theirs = both(lucid), both(torch)
    assert repr(ours) == repr(theirs)
    state = {k: v.numpy() for k, v in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    for kind in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert [n for n, _ in getattr(ours, kind)()] == [n for n, _ in getattr(theirs, kind)()]
    ours.load_state_dict(state)
    ours.eval()
    theirs.eval()
    cotangent = RNG.standard_normal((6, 1)).astype(np.float32)
    got, want = run(ours, X, cotangent, lucid), run(theirs, X, cotangent, torch)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["normalize", "cosine_similarity", "pairwise_distance"])
def test_similarity(name):
    y = RNG.standard_normal((6, 4)).astype(np.float32)
    inputs = (X,) if name == "normalize" else (X, y)
    ours = [nn.Parameter(x) for x in inputs]
    theirs = [torch.tensor(x, requires_grad=True) for x in inputs]
    a, b = getattr(F, name)(*ours), getattr(torch.nn.functional, name)(*theirs)
    (a * a).sum().backward()
    (b * b).sum().backward()
    np.testing.assert_allclose(a.detach().numpy(), b.detach(), rtol=1e-5, atol=1e-6)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_dropout_at_its_ends_treats_special_values_alike(p):
    x = np.array([1.0, np.nan, np.inf, -np.inf, 0.0], np.float32)
    want = torch.nn.functional.dropout(torch.tensor(x), p).numpy()
    np.testing.assert_array_equal(F.dropout(lucid.tensor(x), p).numpy(), want)


@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_norms_spread_what_is_not_finite_alike(place, value):
    x = X.copy()
    x.flat[place] = value
    ours = F.layer_norm(lucid.tensor(x), 4).numpy()
    theirs = torch.nn.functional.layer_norm(torch.tensor(x), (4,)).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    ours = F.batch_norm(lucid.tensor(x), None, None, training=True).numpy()
    theirs = torch.nn.functional.batch_norm(torch.tensor(x), None, None, training=True).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("nonlinearity", ["linear", "conv2d", "sigmoid", "tanh", "relu", "selu"])
def test_gains(nonlinearity):
    assert nn.init.calculate_gain(nonlinearity) == tnn.init.calculate_gain(nonlinearity)


@pytest.mark.parametrize(
    "name", [n for n in dir(tnn.init) if n.endswith("_") and not n.startswith("_")]
)
def test_every_initialiser_is_there_with_the_same_arguments(name):
    import inspect

    ours = inspect.signature(getattr(nn.init, name)).parameters
    theirs = inspect.signature(getattr(tnn.init, name)).parameters
    assert list(ours) == list(theirs)
    for key, parameter in theirs.items():
        assert ours[key].default == parameter.default


def test_dirac():
    for shape, groups in [((4, 2, 3), 2), ((3, 5, 2, 3), 1), ((4, 4, 3, 3, 3), 4)]:
        ours = nn.init.dirac_(lucid.empty(*shape), groups).numpy()
        np.testing.assert_array_equal(ours, tnn.init.dirac_(torch.empty(*shape), groups))
