"""Embeddings and bags of them beside PyTorch's, over their options."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid import nn
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

torch = pytest.importorskip("torch")
TABLE = np.random.default_rng(0).standard_normal((7, 4))


def pair(kind, **options):
    theirs = getattr(torch.nn, kind)(7, 4, **options).double()
    ours = getattr(nn, kind)(7, 4, **options).double()
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(TABLE))
    ours.load_state_dict({"weight": lucid.tensor(TABLE)})
    assert repr(ours) == repr(theirs)
    return theirs, ours


def agree(theirs, ours, *args, **named):
    """Same outputs, tables and gradients."""
    outs = [
        layer(*(None if a is None else make(a) for a in args), **named_args)
        for layer, make, named_args in (
            (theirs, torch.tensor, {k: v[0] for k, v in named.items()}),
            (ours, lucid.tensor, {k: v[1] for k, v in named.items()}),
        )
    ]
    for out in outs:
        (out * out + out).sum().backward()
    np.testing.assert_allclose(outs[1].detach().numpy(), outs[0].detach().numpy(), rtol=1e-12)
    for own, other in ((ours.weight.grad, theirs.weight.grad), (ours.weight, theirs.weight)):
        np.testing.assert_allclose(own.detach().numpy(), other.detach().numpy(), rtol=1e-10)


@pytest.mark.parametrize("index", [[[1, 2, 2], [0, 5, 2]], 3, [[]], [6, 6, 6]])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding_idx": 2},
        {"padding_idx": -1},
        {"scale_grad_by_freq": True},
        {"scale_grad_by_freq": True, "padding_idx": 6},
        {"max_norm": 1.0},
        {"max_norm": 0.7, "norm_type": 1.0},
    ],
)
def test_embedding(index, options):
    agree(*pair("Embedding", **options), np.asarray(index, np.int64))


@pytest.mark.parametrize("mode", ["mean", "sum", "max"])
@pytest.mark.parametrize("options", [{}, {"padding_idx": 2}, {"max_norm": 1.0}])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("offsets", [None, [0, 2, 2, 5]])
def test_bags(mode, options, last, offsets):
    index = np.array([[1, 2], [2, 2], [0, 5], [1, 1]])
    if offsets is not None:
        index, offsets = index.reshape(-1), np.array(offsets + [8] * last)
    layers = pair("EmbeddingBag", mode=mode, include_last_offset=last, **options)
    agree(*layers, index, offsets)


def test_the_last_offset_may_end_before_the_input():
    index, ends = lucid.tensor([0, 1, 2, 3]), lucid.tensor([0, 1, 3])
    out = F.embedding_bag(index, lucid.eye(4), ends, mode="sum", include_last_offset=True)
    assert out.tolist() == [[1, 0, 0, 0], [0, 1, 1, 0]]


def test_bags_scaled_by_frequency():
    agree(*pair("EmbeddingBag", mode="sum", scale_grad_by_freq=True), np.array([[1, 2], [2, 2]]))


@pytest.mark.parametrize("padding", [None, 2])
def test_weighted_bags(padding):
    rng = np.random.default_rng(1)
    values = rng.standard_normal((2, 3))
    factors = torch.tensor(values, requires_grad=True), lucid.tensor(values, requires_grad=True)
    layers = pair("EmbeddingBag", mode="sum", padding_idx=padding)
    index = np.array([[1, 2, 4], [2, 2, 0]])
    agree(*layers, index, None, per_sample_weights=factors)
    np.testing.assert_allclose(factors[1].grad.numpy(), factors[0].grad.numpy())


def test_pretrained():
    table = lucid.tensor(TABLE)
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    assert not nn.EmbeddingBag.from_pretrained(table).weight.requires_grad
    with pytest.raises(ShapeError, match="two dimensions"):
        nn.Embedding.from_pretrained(lucid.zeros(3))
    with pytest.raises(ShapeError, match="shape"):
        nn.Embedding(2, 3, _weight=lucid.zeros(3, 3))


def test_padding_starts_as_zeros():
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    assert not layer.weight[3].any()
    assert layer.weight[0].any()


def test_second_derivatives():
    index = lucid.tensor([1, 2, 2])
    weight = lucid.tensor(TABLE, requires_grad=True)
    assert lucid.autograd.gradgradcheck(lambda w: F.embedding(index, w) ** 3, (weight,))


def test_refusals():
    table, index = lucid.zeros(3, 2), lucid.tensor([0, 1])
    with pytest.raises(IndexingError, match="largest: 3"):
        F.embedding(lucid.tensor([3]), table)
    with pytest.raises(IndexingError, match="least: -1"):
        F.embedding(lucid.tensor([-1]), table)
    with pytest.raises(DTypeError, match="second"):
        F.embedding(table, index)
    with pytest.raises(DTypeError, match="tensor"):
        F.embedding([1], table)
    with pytest.raises(ShapeError, match="two dimensions"):
        F.embedding(index, lucid.zeros(3))
    with pytest.raises(ArgumentError, match="padding_idx"):
        nn.Embedding(3, 2, padding_idx=3)
    with pytest.raises(ArgumentError, match="mode"):
        F.embedding_bag(index, table, lucid.tensor([0]), mode="min")
    with pytest.raises(ArgumentError, match="needs offsets"):
        F.embedding_bag(index, table)
    with pytest.raises(ArgumentError, match="no offsets"):
        F.embedding_bag(index.unsqueeze(0), table, lucid.tensor([0]))
    with pytest.raises(ArgumentError, match="begin with 0"):
        F.embedding_bag(index, table, lucid.tensor([1]))
    with pytest.raises(ArgumentError, match="mode='sum'"):
        F.embedding_bag(index.unsqueeze(0), table, per_sample_weights=lucid.zeros(1, 2))
    with pytest.raises(ShapeError, match="shape of the input"):
        F.embedding_bag(index, table, lucid.tensor([0]), mode="sum", per_sample_weights=table)
    with pytest.raises(ShapeError, match="one or two"):
        F.embedding_bag(index.reshape(1, 1, 2), table)
