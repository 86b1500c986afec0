"""Recurrent layers and cells beside PyTorch's, over their options."""

import itertools

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.nn.sequences import PackedSequence, pack_padded_sequence, pack_sequence

torch = pytest.importorskip("torch")

KINDS = ["RNN", "LSTM", "GRU"]


def pair(kind, *args, **options):
    """The layer in PyTorch and here, in double precision, with the same weights."""
    theirs = getattr(torch.nn, kind)(*args, **options).double()
    ours = getattr(nn, kind)(*args, **options).double()
    state = {k: lucid.tensor(v.detach().numpy()) for k, v in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    return theirs, ours


def leaf(rng, *shape):
    value = rng.standard_normal(shape)
    return torch.tensor(value, requires_grad=True), lucid.tensor(value, requires_grad=True)


def flat(out):
    """All tensors of a nested result."""
    if isinstance(out, tuple | list) and not hasattr(out, "batch_sizes"):
        return [x for part in out for x in flat(part)]
    return [out.data] if hasattr(out, "batch_sizes") else [out]


def loss(outs):
    return sum((o * o * (0.3 + i)).sum() + (o * 0.7).sum() for i, o in enumerate(outs))


def array(tensor):
    return tensor.detach().numpy()


def agree(theirs, ours, leaves, layers=None, rtol=1e-9):
    """Same outputs, and same gradients of inputs and parameters."""
    for t, o in zip(flat(theirs), flat(ours), strict=True):
        assert tuple(t.shape) == o.shape
        np.testing.assert_allclose(array(o), array(t), rtol=rtol, atol=1e-10)
    loss(flat(theirs)).backward()
    loss(flat(ours)).backward()
    leaves = [*leaves, *(zip(layers[0].parameters(), layers[1].parameters(), strict=True))]
    for t, o in leaves:
        np.testing.assert_allclose(array(o.grad), t.grad.numpy(), rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("layers", "both", "bias", "first"), list(itertools.product([1, 2], *[[False, True]] * 3))
)
def test_layers(kind, layers, both, bias, first):
    rng = np.random.default_rng(0)
    options = {"num_layers": layers, "bidirectional": both, "bias": bias, "batch_first": first}
    theirs, ours = pair(kind, 3, 4, **options)
    x = leaf(rng, 5, 2, 3)
    count, batch = layers * (1 + both), 5 if first else 2
    states = [leaf(rng, count, batch, 4) for _ in range(1 + (kind == "LSTM"))]
    agree(theirs(x[0]), ours(x[1]), [x], (theirs, ours))
    for t, o in [x, *zip(theirs.parameters(), ours.parameters(), strict=True)]:
        t.grad = o.grad = None
    given = [tuple(s[i] for s in states) if kind == "LSTM" else states[0][i] for i in (0, 1)]
    agree(theirs(x[0], given[0]), ours(x[1], given[1]), [x, *states], (theirs, ours))


@pytest.mark.parametrize("both", [False, True])
def test_projection_and_relu(both):
    rng = np.random.default_rng(1)
    theirs, ours = pair("LSTM", 3, 4, num_layers=2, proj_size=2, bidirectional=both)
    x, n = leaf(rng, 5, 2, 3), 2 * (1 + both)
    h, c = leaf(rng, n, 2, 2), leaf(rng, n, 2, 4)
    agree(theirs(x[0], (h[0], c[0])), ours(x[1], (h[1], c[1])), [x, h, c], (theirs, ours))
    theirs, ours = pair("RNN", 3, 4, nonlinearity="relu", bidirectional=both)
    x = leaf(rng, 5, 2, 3)
    agree(theirs(x[0]), ours(x[1]), [x], (theirs, ours))


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_batch(kind):
    rng = np.random.default_rng(2)
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=True)
    x = leaf(rng, 5, 3)
    agree(theirs(x[0]), ours(x[1]), [x], (theirs, ours))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [[5, 3, 1], [1, 5, 3]])
def test_packed(kind, lengths):
    rng = np.random.default_rng(3)
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True)
    x, state = leaf(rng, 5, 3, 3), [leaf(rng, 4, 3, 4) for _ in range(1 + (kind == "LSTM"))]
    pack = torch.nn.utils.rnn.pack_padded_sequence
    given = [tuple(s[i] for s in state) if kind == "LSTM" else state[0][i] for i in (0, 1)]
    out = theirs(pack(x[0], lengths, enforce_sorted=False), given[0])
    found = ours(pack_padded_sequence(x[1], lengths, enforce_sorted=False), given[1])
    assert isinstance(found[0], PackedSequence)
    agree(out, found, [x, *state], (theirs, ours))


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_cells(kind, bias, batch):
    rng = np.random.default_rng(4)
    theirs, ours = pair(kind, 3, 4, bias=bias)
    assert repr(ours) == repr(theirs)
    x, state = leaf(rng, *batch, 3), [leaf(rng, *batch, 4) for _ in range(1 + (kind == "LSTMCell"))]
    given = [tuple(s[i] for s in state) if kind == "LSTMCell" else state[0][i] for i in (0, 1)]
    agree(theirs(x[0], given[0]), ours(x[1], given[1]), [x, *state], (theirs, ours))
    np.testing.assert_allclose(array(flat(ours(x[1]))[0]), array(flat(theirs(x[0]))[0]))


def test_relu_cell():
    theirs, ours = pair("RNNCell", 3, 4, nonlinearity="relu")
    x = leaf(np.random.default_rng(5), 2, 3)
    agree(theirs(x[0]), ours(x[1]), [x], (theirs, ours))


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind):
    rng = np.random.default_rng(6)
    theirs, ours = pair(kind, 2, 3)
    x = leaf(rng, 4, 2, 2)
    found = []
    for grad, value, layer in [
        (torch.autograd.grad, x[0], theirs),
        (lucid.autograd.grad, x[1], ours),
    ]:
        (first,) = grad(loss(flat(layer(value))), [value], create_graph=True)
        found.append(array(grad((first * first).sum(), [value])[0]))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision(kind):
    """The loops of float32 stay near the references of float64."""
    theirs, ours = pair(kind, 5, 37, num_layers=2)
    ours.float()
    x = np.random.default_rng(7).standard_normal((9, 8, 5))
    out = ours(lucid.tensor(x.astype(np.float32)))[0]
    assert out.dtype == lucid.float32
    expected = array(theirs(torch.tensor(x))[0])
    np.testing.assert_allclose(array(out), expected, atol=2e-6)


def test_dropout_between_layers():
    lucid.manual_seed(0)
    layer = nn.GRU(3, 4, num_layers=2, dropout=0.5)
    x = lucid.randn(5, 2, 3)
    assert not lucid.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert lucid.equal(layer(x)[0], layer(x)[0])
    with pytest.warns(UserWarning, match="one layer only"):
        nn.GRU(3, 4, dropout=0.5)


def test_names_and_sizes():
    theirs, ours = pair("LSTM", 3, 4, 2, bidirectional=True, proj_size=2)
    assert repr(ours) == repr(theirs)
    assert [len(run) for run in ours.all_weights] == [len(run) for run in theirs.all_weights]
    bound = max(float(p.abs().max()) for p in nn.GRU(3, 16).parameters())
    assert 0.2 < bound <= 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_none(kind):
    out, _ = getattr(nn, kind)(3, 4)(lucid.zeros(5, 0, 3))
    assert out.shape == (5, 0, 4)


def test_refusals():
    layer = nn.LSTM(3, 4)
    with pytest.raises(ShapeError, match="input_size=3"):
        layer(lucid.zeros(5, 2, 7))
    with pytest.raises(ShapeError, match="shape"):
        layer(lucid.zeros(3))
    with pytest.raises(ShapeError, match="empty"):
        layer(lucid.zeros(0, 2, 3))
    with pytest.raises(ArgumentError, match="pair"):
        layer(lucid.zeros(5, 2, 3), lucid.zeros(1, 2, 4))
    with pytest.raises(ShapeError, match="first state"):
        layer(lucid.zeros(5, 2, 3), (lucid.zeros(1, 2, 4), lucid.zeros(1, 3, 4)))
    with pytest.raises(DTypeError, match="dtypes differ"):
        layer(lucid.zeros(5, 2, 3, dtype=lucid.float64))
    with pytest.raises(DTypeError, match=r"lucid\.tensor"):
        layer([[1.0, 2.0, 3.0]])
    with pytest.raises(ArgumentError, match="proj_size"):
        nn.LSTM(3, 4, proj_size=4)
    with pytest.raises(ArgumentError, match="nonlinearity"):
        nn.RNN(3, 4, nonlinearity="gelu")
    with pytest.raises(ShapeError, match="input must have shape"):
        nn.GRUCell(3, 4)(lucid.zeros(2, 5))
    with pytest.raises(ShapeError, match="state"):
        nn.GRUCell(3, 4)(lucid.zeros(2, 3), lucid.zeros(3, 4))
    with pytest.raises(ShapeError, match="input_size"):
        layer(pack_sequence([lucid.zeros(2, 5)]))
