"""Attention beside PyTorch's, with all kinds of masks, and in blocks."""

import itertools

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.kernels import attention as kernels

torch = pytest.importorskip("torch")


def leaf(rng, *shape):
    value = rng.standard_normal(shape)
    return torch.tensor(value, requires_grad=True), lucid.tensor(value, requires_grad=True)


def agree(leaves, masks=(None, None), rtol=1e-9, **options):
    """Same outputs, and same gradients of all leaves."""
    found = []
    for i, fn in enumerate((torch.nn.functional.scaled_dot_product_attention,
                            F.scaled_dot_product_attention)):  # fmt: skip
        out = fn(*(pair[i] for pair in leaves[:3]), attn_mask=masks[i], **options)
        (out * out * 0.5 + out).sum().backward()
        found.append(out.detach().numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=rtol, atol=1e-11)
    for theirs, ours in leaves:
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=rtol, atol=1e-10)


@pytest.fixture
def small_blocks(monkeypatch):
    """Cut even small problems up."""
    monkeypatch.setattr(kernels, "BLOCK", 12)
    monkeypatch.setattr(kernels, "WHOLE", 0)


SHAPES = [((2, 3), 5, 4), ((), 4, 4), ((2, 1, 3), 3, 7)]


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(("leads", "length", "columns"), SHAPES)
@pytest.mark.parametrize("mask", ["none", "causal", "bool", "float", "by head"])
def test_masks(cut, leads, length, columns, mask, request):
    if cut:
        request.getfixturevalue("small_blocks")
    rng = np.random.default_rng(0)
    leaves = [leaf(rng, *leads, n, 6) for n in (length, columns, columns)]
    masks = (None, None)
    if mask == "bool":
        seen = rng.random((length, columns)) < 0.6
        seen[0] = False  # sees nothing
        masks = torch.tensor(seen), lucid.tensor(seen)
    elif mask == "float":
        leaves.append(leaf(rng, length, columns))
        masks = leaves[-1]
    elif mask == "by head":
        shape = (*leads[:-1], 1, length, columns) if leads else (length, columns)
        masks = leaf(rng, *shape)
        leaves.append(masks)
    agree(leaves, masks, is_causal=mask == "causal", scale=0.3 if cut else None)


def test_fewer_heads_of_keys():
    rng = np.random.default_rng(1)
    leaves = [leaf(rng, 2, 6, 3, 4), leaf(rng, 2, 2, 5, 4), leaf(rng, 2, 2, 5, 4)]
    agree(leaves, enable_gqa=True)
    for pair in leaves:
        for tensor in pair:
            tensor.grad = None
    seen = rng.random((2, 6, 3, 5)) < 0.8
    agree(leaves, (torch.tensor(seen), lucid.tensor(seen)), enable_gqa=True)


@pytest.mark.parametrize("causal", [False, True])
def test_single_precision_in_blocks(causal):
    """The loops over rows, with heads that are views into one array."""
    rng = np.random.default_rng(2)
    packed = rng.standard_normal((2, 700, 3, 4, 8)).astype(np.float32)
    q, k, v = (lucid.tensor(packed, requires_grad=True).permute(2, 0, 3, 1, 4)).unbind(0)
    out = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    tq, tk, tv = torch.tensor(packed).permute(2, 0, 3, 1, 4).double().unbind(0)
    expected = torch.nn.functional.scaled_dot_product_attention(tq, tk, tv, is_causal=causal)
    np.testing.assert_allclose(out.detach().numpy(), expected.numpy(), atol=2e-6)


def test_gradients_in_blocks_of_single_precision():
    rng = np.random.default_rng(3)
    values = [rng.standard_normal((2, 4, 600, 8)) for _ in range(3)]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    ours = [lucid.tensor(v.astype(np.float32), requires_grad=True) for v in values]
    for fn, leaves in (
        (torch.nn.functional.scaled_dot_product_attention, theirs),
        (F.scaled_dot_product_attention, ours),
    ):
        out = fn(*leaves, is_causal=True)
        (out * out).sum().backward()
    for t, o in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(o.grad.numpy(), t.grad.numpy(), atol=2e-5)


@pytest.mark.parametrize("cut", [False, True])
def test_dropout(cut, request):
    """What is dropped is the same on the way back, and its share is right."""
    if cut:
        request.getfixturevalue("small_blocks")
    rng = np.random.default_rng(4)
    q, k = (lucid.tensor(rng.standard_normal((2, 3, 4))) for _ in range(2))
    v = lucid.tensor(rng.standard_normal((2, 3, 4)))

    def run(q, k, v):
        generator = lucid.Generator(5)
        return F.scaled_dot_product_attention(
            q, k, v, dropout_p=0.5, generator=generator, is_causal=cut
        )

    for x in (q, k, v):
        x.requires_grad = True
    assert lucid.autograd.gradcheck(run, (q, k, v))
    ones, eye = lucid.zeros(1, 200, 4), lucid.eye(200).unsqueeze(0)
    kept = F.scaled_dot_product_attention(ones, ones, eye, dropout_p=0.25)
    assert 0.73 < float((kept > 0).float().mean()) < 0.77
    np.testing.assert_allclose(float(kept.max()), 1 / 200 / 0.75, rtol=1e-5)


def test_blocks_cover_everything_once():
    sizes = [(2, 3), (5,), ()], [(700, 600), (1, 1 << 19), (3, 4)]
    for leads, (length, columns) in itertools.product(*sizes):
        shape = (*leads, length, columns)
        counted = np.zeros(shape, np.int8)
        for head, rows, reach in kernels.blocks(shape, False):
            counted[head][..., rows, :reach] += 1
        assert (counted == 1).all()


def test_empty():
    q, k = lucid.zeros(2, 0, 3), lucid.zeros(2, 4, 3)
    assert F.scaled_dot_product_attention(q, k, k).shape == (2, 0, 3)
    nothing = F.scaled_dot_product_attention(k, q, q)
    assert nothing.shape == (2, 4, 3)
    assert not nothing.any()


def test_refusals():
    q, k = lucid.zeros(2, 3, 4), lucid.zeros(2, 5, 4)
    attention = F.scaled_dot_product_attention
    with pytest.raises(ShapeError, match="same last dimension"):
        attention(q, lucid.zeros(2, 5, 6), k)
    with pytest.raises(ShapeError, match="same length"):
        attention(q, k, q)
    with pytest.raises(ShapeError, match="two dimensions or more"):
        attention(q, lucid.zeros(4), k)
    with pytest.raises(ShapeError, match="broadcast to"):
        attention(q, k, k, lucid.zeros(3, 4))
    with pytest.raises(ShapeError, match="multiple"):
        attention(lucid.zeros(3, 3, 4), k, k, enable_gqa=True)
    with pytest.raises(DTypeError, match="differ"):
        attention(q, k.double(), k)
    with pytest.raises(DTypeError, match="must be a tensor"):
        attention([[1.0]], k, k)
    with pytest.raises(DTypeError, match="attn_mask"):
        attention(q, k, k, lucid.zeros(3, 5, dtype=lucid.int64))
    with pytest.raises(ArgumentError, match="is_causal"):
        attention(q, k, k, lucid.zeros(3, 5), is_causal=True)
    with pytest.raises(ArgumentError, match="probability"):
        attention(q, k, k, dropout_p=1.5)
    with pytest.raises(DTypeError, match="floating"):
        attention(q.long(), k.long(), k.long())
