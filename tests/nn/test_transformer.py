"""Attention with several heads and the transformer beside PyTorch's, over their options."""

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.errors import ArgumentError, DTypeError, ShapeError

torch = pytest.importorskip("torch")


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


def both(value):
    return torch.tensor(value), lucid.tensor(value)


def array(tensor):
    return tensor.detach().numpy()


def agree(layers, inputs, named=None, leaves=()):
    """Same outputs and gradients; inputs and named ones are pairs or constants for both."""
    outs = []
    for i, layer in enumerate(layers):
        args = [pair[i] for pair in inputs]
        kwargs = {k: v[i] if isinstance(v, tuple) else v for k, v in (named or {}).items()}
        out = layer(*args, **kwargs)
        outs.append([o for o in (out if isinstance(out, tuple) else (out,)) if o is not None])
    for theirs, ours in zip(*outs, strict=True):
        assert tuple(theirs.shape) == ours.shape
        np.testing.assert_allclose(array(ours), array(theirs), rtol=1e-8, atol=1e-10)
    for some in outs:
        sum((o * o * 0.5 + o).sum() for o in some).backward()
    parameters = zip(layers[0].parameters(), layers[1].parameters(), strict=True)
    for theirs, ours in [*inputs, *leaves, *parameters]:
        if theirs.grad is None:
            continue
        np.testing.assert_allclose(array(ours.grad), array(theirs.grad), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bias": False},
        {"add_bias_kv": True},
        {"add_zero_attn": True},
        {"add_bias_kv": True, "add_zero_attn": True},
        {"kdim": 6, "vdim": 5},
    ],
)
def test_heads(need_weights, batch_first, options):
    rng = np.random.default_rng(0)
    layers = pair("MultiheadAttention", 8, 2, batch_first=batch_first, **options)
    shape = (3, 4) if batch_first else (4, 3)
    longer = (3, 5) if batch_first else (5, 3)
    q = leaf(rng, *shape, 8)
    k, v = leaf(rng, *longer, options.get("kdim", 8)), leaf(rng, *longer, options.get("vdim", 8))
    hidden = np.zeros((3, 5), bool)
    hidden[0, 3:] = True
    named = {"need_weights": need_weights, "average_attn_weights": not batch_first}
    agree(layers, [q, k, v], {**named, "key_padding_mask": both(hidden)})
    for t, o in [q, k, v, *zip(layers[0].parameters(), layers[1].parameters(), strict=True)]:
        t.grad = o.grad = None
    mask = leaf(rng, 6, 4, 5)
    agree(layers, [q, k, v], {**named, "attn_mask": mask}, [mask])


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("extra", [{}, {"batch_first": True}])
@pytest.mark.parametrize("single", [False, True])
def test_self_attention_that_looks_back(need_weights, extra, single):
    rng = np.random.default_rng(1)
    layers = pair("MultiheadAttention", 8, 4, **extra)
    x = leaf(rng, 5, 8) if single else leaf(rng, 5, 5, 8)
    ahead = both(np.triu(np.ones((5, 5), bool), 1))
    named = {"attn_mask": ahead, "is_causal": True, "need_weights": need_weights}
    agree(layers, [x, x, x], named)


def test_the_hint_changes_nothing():
    x, ahead = lucid.randn(5, 5, 8), lucid.ones(5, 5, dtype=lucid.bool).triu(1)
    layer = nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True)
    expected = layer(x, x, x, attn_mask=ahead)[0]
    found = layer(x, x, x, attn_mask=ahead, is_causal=True, need_weights=False)[0]
    np.testing.assert_allclose(array(found), array(expected), rtol=1e-4, atol=1e-6)


def test_keys_that_are_values():
    rng = np.random.default_rng(2)
    q, k = leaf(rng, 4, 3, 8), leaf(rng, 5, 3, 8)
    agree(pair("MultiheadAttention", 8, 2), [q, k, k])


LAYER = [
    {},
    {"norm_first": True},
    {"activation": "gelu"},
    {"batch_first": True, "bias": False},
    {"norm_first": True, "batch_first": True, "layer_norm_eps": 1e-3},
]


@pytest.mark.parametrize("options", LAYER)
def test_encoder_layer(options):
    rng = np.random.default_rng(3)
    layers = pair("TransformerEncoderLayer", 8, 2, 16, dropout=0.0, **options)
    x = leaf(rng, 4, 4, 8)
    hidden = np.zeros((4, 4), bool)
    hidden[1, 2:] = True
    named = {"src_mask": both(np.triu(np.ones((4, 4), bool), 1)), "is_causal": True}
    agree(layers, [x], named)
    for t, o in [x, *zip(layers[0].parameters(), layers[1].parameters(), strict=True)]:
        t.grad = o.grad = None
    agree(layers, [x], {**named, "src_key_padding_mask": both(hidden), "is_causal": False})


@pytest.mark.parametrize("options", LAYER)
def test_decoder_layer(options):
    rng = np.random.default_rng(4)
    layers = pair("TransformerDecoderLayer", 8, 2, 16, dropout=0.0, **options)
    shapes = [(3, 4), (3, 5)] if options.get("batch_first") else [(4, 3), (5, 3)]
    x, memory = (leaf(rng, *shape, 8) for shape in shapes)
    hidden = np.zeros((3, 5), bool)
    hidden[1, 2:] = True
    bent = leaf(rng, 4, 5)
    named = {"tgt_mask": both(np.triu(np.ones((4, 4), bool), 1)), "tgt_is_causal": True}
    named |= {"memory_key_padding_mask": both(np.where(hidden, -1.5, 0.0)), "memory_mask": bent}
    agree(layers, [x, memory], named, [bent])


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_whole(batch_first, norm_first):
    rng = np.random.default_rng(5)
    options = {"dropout": 0.0, "batch_first": batch_first, "norm_first": norm_first}
    layers = pair("Transformer", 8, 2, 2, 2, 16, **options)
    shapes = [(3, 5), (3, 4)] if batch_first else [(5, 3), (4, 3)]
    src, tgt = (leaf(rng, *shape, 8) for shape in shapes)
    mask = both(np.triu(np.full((4, 4), -np.inf), 1))
    agree(layers, [src, tgt], {"tgt_mask": mask})


def test_stacks():
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    stack = nn.TransformerEncoder(layer, 3, norm=nn.LayerNorm(8))
    first, second, third = stack.layers
    assert first.linear1.weight is not second.linear1.weight
    assert lucid.equal(first.linear1.weight, third.linear1.weight)
    x = lucid.randn(5, 2, 8)
    assert not lucid.equal(stack(x), stack(x))  # dropout
    stack.eval()
    assert lucid.equal(stack(x), stack(x))
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    moved = x.clone()
    moved[4] = 7.0
    np.testing.assert_allclose(
        array(stack(x, mask)[:4]), array(stack(moved, mask)[:4]), rtol=1e-5, atol=1e-6
    )


def test_initial_values():
    lucid.manual_seed(0)
    layer = nn.MultiheadAttention(16, 2, add_bias_kv=True)
    bound = (6 / (16 + 48)) ** 0.5
    assert 0.9 * bound < float(layer.in_proj_weight.abs().max()) <= bound
    assert not layer.in_proj_bias.any()
    assert not layer.out_proj.bias.any()
    assert layer.bias_k.any()


def test_refusals():
    layer, x = nn.MultiheadAttention(8, 2), lucid.zeros(4, 3, 8)
    with pytest.raises(ArgumentError, match="divide"):
        nn.MultiheadAttention(8, 3)
    with pytest.raises(ShapeError, match="embed_dim=8"):
        layer(lucid.zeros(4, 3, 6), x, x)
    with pytest.raises(ShapeError, match="same length"):
        layer(x, x, x[:2])
    with pytest.raises(ShapeError, match="batch"):
        layer(x, lucid.zeros(4, 1, 8), lucid.zeros(4, 1, 8))
    with pytest.raises(ShapeError, match="three dimensions"):
        layer(x, x[0], x[0])
    with pytest.raises(ShapeError, match="key_padding_mask"):
        layer(x, x, x, key_padding_mask=lucid.zeros(4, 3))
    with pytest.raises(ShapeError, match="attn_mask"):
        layer(x, x, x, attn_mask=lucid.zeros(3, 3))
    with pytest.raises(DTypeError, match="bools or floats"):
        layer(x, x, x, attn_mask=lucid.zeros(4, 4, dtype=lucid.int64))
    with pytest.raises(ArgumentError, match="hint"):
        layer(x, x, x, is_causal=True)
    with pytest.raises(DTypeError, match="must be a tensor"):
        layer([[1.0]], x, x)
    with pytest.raises(ArgumentError, match="activation"):
        nn.TransformerEncoderLayer(8, 2, activation="tanh")
    with pytest.raises(ShapeError, match="d_model=8"):
        nn.Transformer(8, 2, 1, 1, 16)(lucid.zeros(4, 3, 8), lucid.zeros(4, 2, 8))
