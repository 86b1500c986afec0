"""Regions of half precision: dtypes, values and gradients are PyTorch's, off they cost nothing."""

import threading

import numpy as np
import pytest

import lucid
from lucid import amp, nn, optim
from lucid.amp import autocast
from lucid.errors import ArgumentError
from lucid.ops.autocasting import casting, lowered

HALVES = ["float16", "bfloat16"]
ROUNDING = {"float16": 2.0**-11, "bfloat16": 2.0**-8}


def half(m, name):
    if m is lucid and name == "bfloat16":
        pytest.importorskip("ml_dtypes")
        return lucid.bfloat16()
    return getattr(m, name)


def dtype_of(x):
    return str(x.dtype).replace("torch.", "")


# x is single, h half, b a batch of single matrices, w a kernel
OPS = {
    "linear": lambda m, x, h, b: m.nn.functional.linear(h, x),
    "@": lambda m, x, h, b: x @ x,
    "a matrix @ a vector": lambda m, x, h, b: x @ x[0],
    "mm": lambda m, x, h, b: m.mm(x, h),
    "bmm": lambda m, x, h, b: m.bmm(b, b),
    "mv": lambda m, x, h, b: m.mv(x, x[0]),
    "dot": lambda m, x, h, b: m.dot(x[0], x[1]),
    "vdot": lambda m, x, h, b: m.vdot(x[0], x[1]),
    "addmm": lambda m, x, h, b: m.addmm(x, x, x),
    "addmv": lambda m, x, h, b: m.addmv(x[0], x, x[0]),
    "addbmm": lambda m, x, h, b: m.addbmm(x, b, b),
    "baddbmm": lambda m, x, h, b: m.baddbmm(b, b, b),
    "outer": lambda m, x, h, b: m.outer(x[0], x[1]),
    "inner": lambda m, x, h, b: m.inner(x, x),
    "tensordot": lambda m, x, h, b: m.tensordot(x, x, 1),
    "kron": lambda m, x, h, b: m.kron(x, x),
    "einsum": lambda m, x, h, b: m.einsum("ij,jk->ik", x, x),
    "vecdot": lambda m, x, h, b: m.linalg.vecdot(x, x),
    "matrix_exp": lambda m, x, h, b: m.linalg.matrix_exp(x),
    "bilinear": lambda m, x, h, b: m.nn.functional.bilinear(x[:, :2], x[:, :2], b[:, :2, :2]),
    "conv1d": lambda m, x, h, b: m.nn.functional.conv1d(b, b[:, :, :2]),
    "conv_transpose1d": lambda m, x, h, b: m.nn.functional.conv_transpose1d(b, x[:, :, None]),
    "prelu": lambda m, x, h, b: m.nn.functional.prelu(x, x[0]),
    "attention": lambda m, x, h, b: m.nn.functional.scaled_dot_product_attention(b, b, b),
    "softmax": lambda m, x, h, b: m.softmax(h, 1),
    "layer_norm": lambda m, x, h, b: m.nn.functional.layer_norm(h.detach(), (4,)),
    "exp": lambda m, x, h, b: h.exp(),
    "sum": lambda m, x, h, b: h.sum(),
    "sum of two dtypes": lambda m, x, h, b: h + x,
    "cat": lambda m, x, h, b: m.cat([x, x]),
    "prod": lambda m, x, h, b: h.prod(),
    "cdist": lambda m, x, h, b: m.cdist(h, h),
    "quantile": lambda m, x, h, b: m.quantile(h, 0.5),
    "fft": lambda m, x, h, b: m.fft.fft(h).real,
    "mse_loss": lambda m, x, h, b: m.nn.functional.mse_loss(h, h * 2),
    "l1_loss": lambda m, x, h, b: m.nn.functional.l1_loss(h, x),
    "huber_loss": lambda m, x, h, b: m.nn.functional.huber_loss(h, h * 2),
    "cross_entropy": lambda m, x, h, b: m.nn.functional.cross_entropy(h, m.arange(4)),
    "cross_entropy of shares": lambda m, x, h, b: m.nn.functional.cross_entropy(h, x),
    "nll_loss": lambda m, x, h, b: m.nn.functional.nll_loss(h, m.arange(4)),
    "multi_margin_loss": lambda m, x, h, b: m.nn.functional.multi_margin_loss(h, m.arange(4)),
    "kl_div": lambda m, x, h, b: m.nn.functional.kl_div(h, h, reduction="sum"),
    "soft_margin_loss": lambda m, x, h, b: m.nn.functional.soft_margin_loss(h, h.detach()),
    "with logits": lambda m, x, h, b: m.nn.functional.binary_cross_entropy_with_logits(h, h),
    "double": lambda m, x, h, b: x.double() @ x.double(),
    "integers": lambda m, x, h, b: m.arange(4) @ m.arange(4),
}


def outcome(m, op, name, backward=True):
    rng = np.random.default_rng(3)
    tensor = m.tensor
    x = tensor(rng.uniform(0.2, 1, (4, 4)).astype(np.float32), requires_grad=True)
    b = tensor(rng.uniform(0.2, 1, (4, 4, 4)).astype(np.float32), requires_grad=True)
    dtype = half(m, name)
    region = m.autocast("cpu", dtype=dtype) if m is not lucid else autocast("cpu", dtype=dtype)
    with region:
        result = op(m, x, (x * 0.75).to(dtype), b)
    kind, found = dtype_of(result), [result.detach()]
    if result.requires_grad:
        result.sum().backward()
        found += [leaf.grad for leaf in (x, b) if leaf.grad is not None]
        assert {dtype_of(part) for part in found[1:]} == {"float32"}
    return kind, [np.asarray(part.to(m.float64).tolist()) for part in found]


@pytest.mark.parametrize("name", HALVES)
@pytest.mark.parametrize("op", OPS)
def test_dtypes_values_and_gradients_are_those_of_pytorch(op, name):
    torch = pytest.importorskip("torch")
    kind, theirs = outcome(torch, OPS[op], name)
    mine, ours = outcome(lucid, OPS[op], name)
    assert mine == kind
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        scale = np.max(np.abs(b), initial=0.1)
        np.testing.assert_allclose(a, b, 8 * ROUNDING[name], 4 * ROUNDING[name] * scale)


LAYERS = {
    "Linear": (lambda m: m.nn.Linear(4, 3), (5, 4)),
    "Conv2d": (lambda m: m.nn.Conv2d(2, 3, 3, padding=1), (2, 2, 5, 5)),
    "ConvTranspose2d": (lambda m: m.nn.ConvTranspose2d(2, 3, 3, stride=2), (2, 2, 4, 4)),
    "LSTM": (lambda m: m.nn.LSTM(4, 3, batch_first=True), (2, 5, 4)),
    "GRU": (lambda m: m.nn.GRU(4, 3, num_layers=2), (5, 2, 4)),
    "RNN": (lambda m: m.nn.RNN(4, 3, bidirectional=True), (5, 2, 4)),
    "LSTMCell": (lambda m: m.nn.LSTMCell(4, 3), (2, 4)),
    "GRUCell": (lambda m: m.nn.GRUCell(4, 3), (2, 4)),
    "RNNCell": (lambda m: m.nn.RNNCell(4, 3), (2, 4)),
    "Attention": (lambda m: m.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), (3, 2, 4)),
    "PReLU": (lambda m: m.nn.PReLU(), (3, 4)),
    "BatchNorm": (
        lambda m: m.nn.Sequential(m.nn.Conv1d(2, 4, 3), m.nn.BatchNorm1d(4), m.nn.ReLU()),
        (3, 2, 6),
    ),
    "perceptron": (
        lambda m: m.nn.Sequential(m.nn.Linear(4, 8), m.nn.ReLU(), m.nn.Linear(8, 2)),
        (5, 4),
    ),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_beside_pytorch(layer):
    torch = pytest.importorskip("torch")
    pytest.importorskip("ml_dtypes")
    make, shape = LAYERS[layer]
    torch.manual_seed(0)
    theirs, ours = make(torch), make(lucid)
    ours.load_state_dict({k: lucid.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    found = []
    for m, model in ((torch, theirs), (lucid, ours)):
        region = torch.autocast("cpu") if m is torch else autocast("cpu")
        with region:
            y = model(m.tensor(x))
            y = y[0] if isinstance(y, tuple) else y
            loss = m.nn.functional.mse_loss(y, m.zeros(*y.shape))
        loss.backward()
        gradients = {k: np.asarray(p.grad.tolist()) for k, p in model.named_parameters()}
        found.append((dtype_of(y), float(loss.detach()), gradients))
    (kind, loss, gradients), (mine, own, ours_) = found
    assert mine == kind
    assert own == pytest.approx(loss, rel=2e-2)
    largest = max(np.abs(g).max() for g in gradients.values())
    for name, g in gradients.items():
        np.testing.assert_allclose(ours_[name], g, 0.05, 0.02 * largest, err_msg=name)


def trained(region=None, scaler=None):
    lucid.manual_seed(0)
    x = lucid.randn(128, 4)
    y = (x[:, :1] * 2 - x[:, 1:2]).tanh()
    model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        with region or autocast(enabled=False):
            loss = nn.functional.mse_loss(model(x), y)
        if scaler is None:
            loss.backward()
            optimizer.step()
        else:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    assert all(p.dtype == np.float32 for p in model.parameters())
    return loss.item()


def test_a_network_trains_as_in_single_precision():
    single = trained()
    assert single < 0.05
    scaler = amp.GradScaler(init_scale=2.0**12)
    with_scaler = trained(autocast(dtype=lucid.float16), scaler)
    assert with_scaler == pytest.approx(single, rel=0.05)
    pytest.importorskip("ml_dtypes")
    assert trained(autocast()) == pytest.approx(single, rel=0.3)


# ---- regions --------------------------------------------------------------------------


def kind(x):
    return (x @ x).dtype.name


def test_regions_lie_in_each_other_and_end():
    x = lucid.ones(2, 2)
    low, off = autocast(dtype=lucid.float16), autocast(enabled=False)
    with low:
        assert kind(x) == "float16"
        assert amp.is_autocast_enabled()
        with off:
            assert kind(x) == "float32"
            assert not amp.is_autocast_enabled()
            with low:  # the same object once more
                assert kind(x) == "float16"
            assert kind(x) == "float32"
        assert kind(x) == "float16"
    assert kind(x) == "float32"
    with pytest.raises(ZeroDivisionError), low:
        1 / 0  # noqa: B018
    assert not casting


def test_a_region_belongs_to_its_thread():
    x, seen = lucid.ones(2, 2), []

    @autocast(dtype=lucid.float16)
    def inside():
        return kind(x)

    with autocast(dtype=lucid.float16):
        worker = threading.Thread(target=lambda: seen.extend([kind(x), inside(), kind(x)]))
        worker.start()
        worker.join()
        assert kind(x) == "float16"
    assert seen == ["float32", "float16", "float32"]


def test_a_parameter_is_cast_once_and_again_after_a_change():
    w = nn.Parameter(lucid.ones(2, 2))
    with autocast(dtype=lucid.float16):
        (first,), (second,) = lowered(w), lowered(w)
        assert first is second
        with autocast(dtype=lucid.float16):
            assert lowered(w)[0] is first
        with lucid.no_grad():
            w.mul_(3)
        assert float((w @ w)[0, 0].detach()) == 18
        w.data = np.zeros((2, 2), np.float32)
        assert not (w @ w).detach().numpy().any()
        for _ in range(2):  # what a pass released is cast anew
            (w @ lucid.ones(2, 2)).sum().backward()
        w.data = np.ones((2, 2), np.float32)
        with lucid.no_grad():
            w @ w
        (w @ lucid.ones(2, 2)).sum().backward()  # what was cast without a record has no history
    np.testing.assert_array_equal(w.grad.numpy(), np.full((2, 2), 6.0))
    with autocast(dtype=lucid.float16, cache_enabled=False):
        assert lowered(w)[0] is not lowered(w)[0]


def test_arrays_and_strangers_pass():
    with autocast(dtype=lucid.float16):
        operands = (np.ones(2, np.float32), 3, None, lucid.tensor([1]), lucid.ones(1).double())
        assert all(a is b for a, b in zip(lowered(*operands), operands, strict=True))


def test_refusals():
    with pytest.raises(ArgumentError, match=r"half precision, not float32(.|\n)*enabled=False"):
        autocast(dtype=lucid.float32)
    with pytest.raises(ArgumentError, match="device_type"):
        autocast(lucid.float16)
    with pytest.warns(UserWarning, match="changes nothing"):
        region = autocast("cuda", dtype=lucid.float16)
    with region:
        assert kind(lucid.ones(2, 2)) == "float32"


def test_functions_of_ones_own():
    kinds = []

    class Square(lucid.autograd.Function):
        @staticmethod
        @amp.custom_fwd
        def forward(ctx, x):
            kinds.append(kind(x))
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @amp.custom_bwd
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            kinds.append(kind(x))
            return 2 * g * x

    x = lucid.ones(2, 2, requires_grad=True)
    with autocast(dtype=lucid.float16):
        y = Square.apply(x)
    y.sum().backward()
    assert kinds == ["float16", "float16"]
    assert (x.grad.numpy() == 2).all()
    Square.apply(x)
    assert kinds[2:] == ["float32"]
