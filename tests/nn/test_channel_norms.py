"""Batch, instance, group, RMS and local response norms: PyTorch's numbers over their options."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.testing.cases import kernels

SHAPES = {1: (4, 6, 5), 2: (3, 6, 4, 5), 3: (2, 6, 2, 3, 4)}
OPTIONS = [
    {},
    {"affine": True, "track_running_stats": True},
    {"affine": False, "track_running_stats": True, "momentum": 0.3},
    {"affine": True, "track_running_stats": False, "eps": 0.1},
]
LAYERS = [
    *((f"{k}Norm{d}d", (6,), o, SHAPES[d]) for k in ("Batch", "Instance") for d in SHAPES
      for o in OPTIONS),
    *((f"BatchNorm{d}d", (6,), {"momentum": None}, SHAPES[d]) for d in SHAPES),
    ("BatchNorm1d", (6,), {}, (5, 6)),
    ("InstanceNorm2d", (6,), {}, (6, 4, 5)),
    *(("GroupNorm", (g, 6), o, SHAPES[d]) for g in (1, 2, 6) for d in SHAPES
      for o in ({}, {"affine": False, "eps": 0.1})),
    ("GroupNorm", (2, 6), {}, (3, 6)),
    *(("RMSNorm", (s,), o, (3, 4, 5)) for s in (5, (4, 5))
      for o in ({}, {"eps": 1e-3}, {"elementwise_affine": False})),
    *(("LocalResponseNorm", (s,), {"alpha": 0.5, "k": 2.0}, SHAPES[d]) for s in (1, 2, 5)
      for d in SHAPES),
]  # fmt: skip


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape) * 2 + 1


def trained(library, name, args, options, x):
    """Outputs in both modes, gradients and state after two batches."""
    layer = getattr(library.nn, name)(*args, **options, **(
        {} if name == "LocalResponseNorm" else {"dtype": library.float64}
    ))  # fmt: skip
    for i, param in enumerate(layer.parameters()):
        values = np.random.default_rng(i).uniform(0.5, 1.5, tuple(param.shape))
        param.data = library.tensor(values)
    leaf = library.tensor(x, requires_grad=True)
    out = layer(leaf)
    (out * library.tensor(drawn(*out.shape))).sum().backward()
    layer(leaf.detach() * 2 + 1)
    found = [out.detach().numpy(), leaf.grad.numpy()]
    found += [param.grad.numpy() for param in layer.parameters()]
    found += [value.detach().numpy() for value in layer.state_dict().values()]
    layer.eval()
    leaf.grad = None
    (layer(leaf) * library.tensor(drawn(*out.shape))).sum().backward()
    found += [layer(leaf).detach().numpy(), leaf.grad.numpy()]
    return found, list(layer.state_dict()), repr(layer)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize(("name", "args", "options", "shape"), LAYERS)
def test_layers_are_pytorchs(name, args, options, shape, on):
    torch = pytest.importorskip("torch")
    with kernels(on):
        ours, names, text = trained(lucid, name, args, options, drawn(*shape))
    theirs, want_names, want_text = trained(torch, name, args, options, drawn(*shape))
    assert names == want_names
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert text.split("(")[0] == want_text.split("(")[0]


@pytest.mark.parametrize("name", ["LazyBatchNorm", "LazyInstanceNorm"])
@pytest.mark.parametrize("dims", SHAPES)
def test_lazy_forms(name, dims):
    layer = getattr(nn, f"{name}{dims}d")(affine=True, track_running_stats=True)
    assert layer.has_uninitialized_params()
    x = lucid.tensor(drawn(*SHAPES[dims]).astype(np.float32))
    out = layer(x)
    finished = getattr(nn, f"{name[4:]}{dims}d")(6, affine=True, track_running_stats=True)
    assert type(layer) is type(finished)
    np.testing.assert_array_equal(out.detach().numpy(), finished(x).detach().numpy())
    assert layer.running_mean.shape == (6,)
    unbatched = getattr(nn, f"LazyInstanceNorm{dims}d")(affine=True)
    unbatched(x[0])
    assert unbatched.weight.shape == (6,)


@pytest.mark.parametrize("on", [False, True])
def test_a_large_mean_costs_no_digits(on):
    x = drawn(2, 4, 50).astype(np.float32)
    with kernels(on):
        want = F.group_norm(lucid.tensor(x.astype(np.float64) + 4096), 2).numpy()
        far = F.group_norm(lucid.tensor(x + np.float32(4096)), 2).numpy()
        assert abs(far - want).max() < 2e-3  # what rounding the inputs costs
        flat = np.zeros((2, 4, 50), np.float32) + np.float32(4096)
        assert (F.group_norm(lucid.tensor(flat), 2).numpy() == 0).all()
        assert (F.batch_norm(lucid.tensor(flat), None, None, training=True).numpy() == 0).all()


def test_half_precision_does_not_overflow():
    x = lucid.tensor([[[300.0, -300.0], [300.0, -300.0]]]).half()
    for out in (F.group_norm(x, 1), F.instance_norm(x), F.rms_norm(x, 2)):
        assert out.dtype == lucid.float16
        assert out.tolist() == [[[1, -1], [1, -1]]]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: nn.BatchNorm2d(6)(x), ShapeError, r"BatchNorm2d.*\(N, C, H, W\)"),
        (lambda x: nn.BatchNorm1d(5)(x), ShapeError, r"running_mean must have shape \(6,\)"),
        (lambda x: nn.InstanceNorm3d(6)(x), ShapeError, r"\(C, D, H, W\) or \(N, C, D, H, W\)"),
        (lambda x: nn.InstanceNorm1d(6)(x[..., :1]), ArgumentError, "more than one value"),
        (lambda x: nn.GroupNorm(4, 6), ArgumentError, "must divide num_channels"),
        (lambda x: F.group_norm(x, 4), ArgumentError, "divide the 6 channels"),
        (lambda x: F.group_norm(x, 2, lucid.ones(5)), ShapeError, r"weight must have shape \(6,\)"),
        (lambda x: F.group_norm(x, 2, lucid.ones(6).double()), DTypeError, "dtypes differ"),
        (lambda x: F.group_norm([1.0], 2), DTypeError, "must be a tensor"),
        (lambda x: F.rms_norm(x, 4), ShapeError, "must end in the dimensions"),
        (lambda x: F.instance_norm(x, use_input_stats=False), ArgumentError, "running_mean and"),
        (lambda x: F.local_response_norm(x, 0), ArgumentError, "size must be positive"),
        (lambda x: F.local_response_norm(x[0], 2), ShapeError, "three dimensions"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 6, 5))
