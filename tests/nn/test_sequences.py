"""Packing and padding of sequences beside PyTorch's."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.nn import sequences as ours

torch = pytest.importorskip("torch")
theirs = torch.nn.utils.rnn


def parts(lengths, tail=(2,)):
    rng = np.random.default_rng(0)
    values = [rng.standard_normal((n, *tail)) for n in lengths]
    return (
        [torch.tensor(v, requires_grad=True) for v in values],
        [lucid.tensor(v, requires_grad=True) for v in values],
    )


def same(found, expected):
    if expected is None:
        assert found is None
    else:
        np.testing.assert_array_equal(found.detach().numpy(), expected.detach().numpy())


@pytest.mark.parametrize("lengths", [[4, 2, 1], [2, 4, 1], [3]])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("side", ["right", "left"])
def test_there_and_back(lengths, first, side):
    a, b = parts(lengths)
    padded = [
        m.pad_sequence(p, batch_first=first, padding_value=7.0, padding_side=side)
        for m, p in ((theirs, a), (ours, b))
    ]
    same(padded[1], padded[0])
    packed = [
        m.pack_padded_sequence(p, lengths, batch_first=first, enforce_sorted=False)
        for m, p in zip((theirs, ours), padded, strict=True)
    ]
    for name in ("data", "batch_sizes", "sorted_indices", "unsorted_indices"):
        same(getattr(packed[1], name), getattr(packed[0], name))
    again = [
        m.pad_packed_sequence(p, batch_first=first, padding_value=-1.0, total_length=6)
        for m, p in zip((theirs, ours), packed, strict=True)
    ]
    same(again[1][0], again[0][0])
    same(again[1][1], again[0][1])
    for whole in again:
        (whole[0] * whole[0]).sum().backward()
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(y.grad.numpy(), x.grad.numpy())


def test_sequences_come_back():
    a, b = parts([4, 2, 1])
    packed = theirs.pack_sequence(a), ours.pack_sequence(b)
    same(packed[1].data, packed[0].data)
    for x, y in zip(ours.unpack_sequence(packed[1]), b, strict=True):
        same(x, y)
    padded = ours.pad_sequence(b)
    for x, y in zip(ours.unpad_sequence(padded, lucid.tensor([4, 2, 1])), b, strict=True):
        same(x, y)
    assert packed[1].float().data.dtype == lucid.float32
    assert packed[1].float().double().data.dtype == lucid.float64


def test_refusals():
    x = lucid.zeros(4, 3)
    with pytest.raises(ArgumentError, match="enforce_sorted=False"):
        ours.pack_padded_sequence(x, [1, 2, 3])
    with pytest.raises(ArgumentError, match="between 1 and"):
        ours.pack_padded_sequence(x, [5, 2, 1])
    with pytest.raises(ArgumentError, match="between 1 and"):
        ours.pack_padded_sequence(x, [2, 1, 0])
    with pytest.raises(ShapeError, match="batch_first=True"):
        ours.pack_padded_sequence(x, [3, 2, 1, 1])
    with pytest.raises(DTypeError, match="integers"):
        ours.pack_padded_sequence(x, [1.5, 1.0, 1.0])
    with pytest.raises(DTypeError, match="tensor"):
        ours.pack_padded_sequence([[1.0]], [1])
    with pytest.raises(ArgumentError, match="at least one"):
        ours.pad_sequence([])
    with pytest.raises(ShapeError, match="length alone"):
        ours.pad_sequence([lucid.zeros(2, 3), lucid.zeros(2, 4)])
    with pytest.raises(DTypeError, match="number 0"):
        ours.pad_sequence([[1.0]])
    with pytest.raises(ArgumentError, match="padding_side"):
        ours.pad_sequence([x], padding_side="top")
    with pytest.raises(ArgumentError, match="total_length"):
        ours.pad_packed_sequence(ours.pack_sequence([x]), total_length=2)
    with pytest.raises(ShapeError, match="one length"):
        ours.unpad_sequence(x, [1])
