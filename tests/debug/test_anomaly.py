"""Anomaly detection: what is reported, what is let pass, and that nothing else changes."""

import gc
import re
import sys
import threading

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid import nn
from lucid.config import LOCAL
from lucid.errors import AnomalyError

INF, NAN = float("inf"), float("nan")


@pytest.fixture(autouse=True)
def seeded():
    lucid.manual_seed(0)


def caught(run, **flags):
    """The anomaly of `run`, in a block of its own."""
    with pytest.raises(AnomalyError) as raised, lucid.detect_anomaly(**flags):
        run()
    return raised.value


def weight(*values):
    return lucid.tensor(values, requires_grad=True)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        h = self.linear(x)
        return (h - h.amin()).log() + 1


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Tanh(), Block())

    def forward(self, x):
        return self.encoder(x)


# ---- what is told ---------------------------------------------------------------------


def test_everything_about_the_first_infinity():
    model, x = Model(), lucid.randn(4, 3)
    error = caught(lambda: model(x))
    assert (error.op, error.phase, error.step) == ("log", "forward", 1)
    assert error.verdict == "log made infinity from finite inputs"
    assert error.origin.file == __file__
    assert error.origin.code == "return (h - h.amin()).log() + 1"
    assert error.origin.module == "encoder.1"
    text = str(error)
    assert text.startswith("detect_anomaly: log made infinity from finite inputs\n  step: 1,")
    assert f"  line: {__file__}:{error.origin.line}\n" in text
    assert "      return (h - h.amin()).log() + 1\n             ^^^^^^^^^^^^^^^^^^^^\n" in text
    assert "  module: encoder.1 (Block)\n" in text
    h = model.encoder[1].linear(x.tanh())
    assert f"  x: float32[4, 2], 0 to {(h.max() - h.min()).item():.4g}\n" in text
    row, column = np.unravel_index(h.detach().numpy().argmin(), (4, 2))
    assert f"1 of 8 elements is infinite; the first at [{row}, {column}]\n" in text
    assert text.splitlines()[-1].startswith("  help: keep its input above 0")
    assert isinstance(error, RuntimeError)  # as PyTorch's


def test_a_gradient():
    x = weight(4.0, 0.0)

    def run():
        y = x.sqrt()
        y.sum().backward()

    error = caught(run)
    assert (error.op, error.phase, error.step) == ("sqrt", "backward", 1)
    assert error.origin.code == "y = x.sqrt()"
    text = str(error)
    assert "the gradient of sqrt made infinity from finite gradients" in text
    assert "  output: float32[2], 0 to 2\n" in text
    assert "  gradient of the output: float32[2], all 1\n" in text
    assert "  gradient of x: float32[2], all 0.25; 1 of 2 elements is infinite; the first" in text
    assert "(x + 1e-12).sqrt()" in text
    assert x.grad is None


def test_a_layer_of_ours_is_named_and_so_are_its_parameters():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    with lucid.no_grad():
        model[2].weight.fill_(3e38)
        model[2].bias.fill_(3e38)
    error = caught(lambda: model(lucid.full((2, 3), 50.0)).sum().backward())
    assert error.op in ("dense", "linear")
    assert re.search(r"  the parameter 2.weight: float32\[1, 4\], all 3e\+38\n", str(error))
    assert "smaller learning rate" in str(error)
    assert error.origin.code.startswith("error = caught(lambda: model(")


def test_of_several_outputs_the_bad_one():
    x = weight(1.0, 0.0)

    def run():
        a, b = x.unbind()
        (a * 2 + b.sqrt()).backward()

    assert caught(run).op == "sqrt"
    error = caught(lambda: lucid.var_mean(weight(1.0)))
    assert error.verdict.startswith(f"{error.op} made NaN from finite inputs")


def test_the_step_is_counted():
    w = weight(2.0)

    def run():
        for i in range(5):
            y = (w * (3 - i)).log()
            y.sum().backward()

    error = caught(run)
    assert (error.step, error.phase) == (4, "forward")
    assert "  step: 4, forward\n" in str(error)

    def backwards():
        for i in range(5):
            y = (w * (2 - i)).abs().sqrt()
            y.sum().backward()

    error = caught(backwards)
    assert (error.step, error.phase) == (3, "backward")


def test_blocks_within_blocks_count_for_themselves():
    w = weight(1.0)
    with lucid.detect_anomaly():
        (w * 2).backward()
        assert caught(lambda: (w * 0).log()).step == 1
        (w * 2).backward()
        with pytest.raises(AnomalyError) as raised:
            (w * 0).log()
    assert raised.value.step == 3


# ---- what came in ---------------------------------------------------------------------


@pytest.mark.parametrize(("value", "kind"), [(NAN, "NaN"), (INF, "infinity"), (-INF, "infinity")])
def test_bad_data(value, kind):
    x = lucid.randn(4, 3)
    x[2, 1] = value
    error = caught(lambda: nn.Linear(3, 2)(x))
    assert error.verdict == f"{kind} came in with the input x of linear"
    assert "1 of 12 elements is " in str(error)
    assert "the first at [2, 1]" in str(error)
    assert "clean the data" in str(error)


def test_a_bad_parameter():
    model = nn.Sequential(nn.Linear(3, 2), nn.Softplus())
    with lucid.no_grad():
        model[0].weight[1, 0] = NAN
    error = caught(lambda: model(lucid.ones(1, 3)))
    assert error.verdict.startswith("NaN came in with the parameter 0.weight, which ")
    assert "the last update made it so" in str(error)


def test_a_bad_gradient_from_outside():
    x = weight(1.0, 2.0)
    error = caught(lambda: (x * 2).backward(lucid.tensor([1.0, NAN])))
    assert error.verdict == "NaN came in with the gradient that reached mul"
    y = x * 2
    y.register_hook(lambda g: g * INF)
    assert "infinity came in" in caught(y.exp().sum().backward).verdict


def test_missing_values_are_data_until_they_meet_the_model():
    data = lucid.tensor([[1.0, NAN], [3.0, 4.0]])
    w = weight(1.0, 2.0)
    with lucid.detect_anomaly():
        centred = data - lucid.nanmean(data)
        known = centred.nan_to_num() * w
        kept = lucid.where(data.isnan(), 0.0, data) * w
        loss = F.mse_loss(data.nan_to_num() * w, data, nan_target="skip")
        (known.sum() + kept.sum() + loss).backward()
        lucid.nanmean((w * 2).masked_fill(w > 1, NAN)).backward()  # NaN as a number is meant
    error = caught(lambda: centred * w)
    assert error.verdict == "NaN came in with the input a of mul"


# ---- infinity that is meant -----------------------------------------------------------


def scores():
    return lucid.randn(2, 5, 4, requires_grad=True)


def causal():
    return lucid.triu(lucid.ones(5, 5), 1).bool()


MASKED = {
    "masked_fill": lambda s: s.masked_fill(causal(), -INF),
    "where": lambda s: lucid.where(causal(), -INF, s),
    "where with full": lambda s: lucid.where(causal(), lucid.full((5, 5), -INF), s),
    "sum with a mask": lambda s: s + lucid.triu(lucid.full((5, 5), -INF), 1),
    "sum with a logarithm": lambda s: s + (~causal()).float().log(),
    "filled later": lambda s: s.masked_fill(causal(), -INF) * 0.5 - 1.0,
    "a difference": lambda s: s - lucid.zeros(5, 5).masked_fill(causal(), INF),
}


@pytest.mark.parametrize("name", MASKED)
def test_masks_are_nobodys_fault(name):
    q = scores()
    with lucid.detect_anomaly():
        masked = MASKED[name](q @ q.mT)
        assert masked.isinf().any()
        (masked.softmax(-1) @ q).sum().backward()
        loss = -MASKED[name](q @ q.mT).log_softmax(-1)[:, 2, :2].mean()
        loss.backward()
        MASKED[name](q @ q.mT).logsumexp(-1).sum().backward()
    assert q.grad.isfinite().all()


def test_a_mask_set_in_place():
    q = scores()
    with lucid.detect_anomaly():
        s = q @ q.mT
        s[..., 1:] = -INF
        s.softmax(-1).sum().backward()


def test_the_attention_of_ours():
    q = scores()
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    mask = lucid.triu(lucid.full((5, 5), -INF), 1)
    with lucid.detect_anomaly():
        F.scaled_dot_product_attention(q, q, q, attn_mask=mask).sum().backward()
        F.scaled_dot_product_attention(q, q, q, is_causal=True).sum().backward()
        layer(q, q, q, attn_mask=mask)[0].sum().backward()
        F.max_pool1d(q, 2, padding=1).sum().backward()


def test_a_row_that_is_masked_entirely():
    q = scores()
    everything = lucid.ones(5, 5).bool()
    error = caught(lambda: (q @ q.mT).masked_fill(everything, -INF).softmax(-1))
    assert error.verdict == "softmax made NaN from infinity among its inputs"
    assert "the first infinity, before that: handed on by where, " in str(error)
    assert "leave one element in" in str(error)


def test_the_infinity_that_reaches_the_loss():
    z = lucid.randn(2, 5, requires_grad=True)
    first = lucid.tensor([1, 0, 0, 0, 0]).bool()

    def run():
        loss = -z.masked_fill(first, -INF).log_softmax(-1)[:, 0].mean()
        loss.backward()

    error = caught(run)
    assert error.verdict == "backward() starts from infinity, the output of neg"
    assert error.origin.code.startswith("loss = -z.masked_fill")


def test_minus_infinity_in_the_middle_does_no_harm_from_a_tensor():
    z = lucid.randn(2, 5, requires_grad=True)
    with lucid.detect_anomaly():
        y = z.masked_fill(lucid.tensor([1, 0, 0, 0, 0]).bool(), -INF)
        y.backward(lucid.ones(2, 5))


def test_infinity_made_where_no_gradient_is_wanted_is_remembered():
    x = lucid.tensor([0.0, 1.0])
    w = weight(1.0, 1.0)

    def run():
        scale = 1 / x
        return (w * 0.0) * scale

    error = caught(run)
    assert error.verdict == "mul made NaN from infinity among its inputs"
    assert "the first infinity, before that: made by " in str(error)
    assert "scale = 1 / x" in str(error)


def test_new_nan_is_an_error_without_a_gradient_too():
    zeros = lucid.zeros(2)
    assert caught(lambda: zeros / zeros).verdict == "div made NaN from finite inputs"
    with lucid.no_grad():
        assert caught(lambda: weight(-1.0).sqrt()).op == "sqrt"


@pytest.mark.parametrize("dtype", [lucid.float16, lucid.float32, lucid.float64, lucid.complex64])
def test_every_dtype(dtype):
    x = lucid.zeros(3, dtype=dtype).requires_grad_(True)
    assert caught(lambda: x.log()).op == "log"
    with lucid.detect_anomaly():
        (x + 1).log().abs().sum().backward()


def test_large_numbers_are_finite():
    """Their squares overflow, which the quick test must not be misled by."""
    x = weight(1e30, -3e38)
    with lucid.detect_anomaly():
        (x * 1.0).sum().backward()


def test_arrays_of_any_layout_and_size():
    x = lucid.ones(6, 4, requires_grad=True)
    with lucid.detect_anomaly():
        y = x.T[::2, 1:].clone() + x.T[::2, 1:]
        (y.sum() + x[:0].sum()).backward()
    bad = lucid.ones(6, 4)
    bad[3, 2] = 0.0
    assert "the first at [2, 3]" in str(caught(lambda: (bad.T * x.T).log()))


# ---- flags, nesting, threads ----------------------------------------------------------


def test_what_is_looked_for():
    w = weight(0.0)
    with lucid.detect_anomaly(check_inf=False):
        w.log()
        w.sqrt().backward()
    assert caught(lambda: (w - 1).log(), check_inf=False).op == "log"
    with lucid.detect_anomaly(check_nan=False):
        (w - 1).log()
    assert caught(lambda: w.log(), check_nan=False).op == "log"


def test_the_line_of_an_error_in_a_rule():
    class Broken(lucid.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise KeyError("no such gradient")

    x = weight(1.0)
    with lucid.detect_anomaly(check_nan=False, check_inf=False):
        y = Broken.apply(x)
        with pytest.raises(KeyError) as raised:
            y.backward()
    assert any("y = Broken.apply(x)" in note for note in raised.value.__notes__)


def test_the_function_form():
    w = weight(0.0)
    try:
        lucid.autograd.set_detect_anomaly(True)
        with pytest.raises(AnomalyError):
            w.log()
        with lucid.autograd.set_detect_anomaly(False):
            w.log()
        with pytest.raises(AnomalyError):
            w.log()
    finally:
        lucid.autograd.set_detect_anomaly(False)
    w.log()
    with lucid.autograd.set_detect_anomaly(True, check_inf=False):
        w.log()


def test_off_leaves_nothing_behind():
    lucid.autograd.set_detect_anomaly(True)
    lucid.autograd.set_detect_anomaly(False)
    with pytest.raises(ZeroDivisionError), lucid.detect_anomaly():
        _ = 1 // 0
    state = LOCAL.state
    assert state.hook is state.rule_hook is state.origin is None


def test_switched_within_another_block():
    """Others that stand between ops come and go in any order."""
    w = weight(0.0)
    with lucid.record_origins():
        lucid.autograd.set_detect_anomaly(True)
        with pytest.raises(AnomalyError):
            w.log()
    w.log()  # the outer block took it along
    gc.collect()
    with lucid.autograd.set_detect_anomaly(True), pytest.raises(AnomalyError):
        w.log()
    lucid.autograd.set_detect_anomaly(True)
    with lucid.record_origins():
        lucid.autograd.set_detect_anomaly(False)
        w.log()
    w.log()
    with lucid.detect_anomaly(), pytest.raises(AnomalyError):
        w.log()
    assert LOCAL.state.hook is LOCAL.state.rule_hook is LOCAL.state.origin is None


def test_one_block_twice():
    block = lucid.detect_anomaly()
    with block, block:
        pass
    with block, pytest.raises(AnomalyError):
        weight(0.0).log()
    weight(0.0).log()


def test_each_thread_for_itself():
    seen = []
    with lucid.detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(weight(0.0).log().item()))
        thread.start()
        thread.join()
    assert seen == [-INF]


@pytest.mark.parametrize("value", [1, None, "yes"])
def test_flags_are_bools(value):
    with pytest.raises(TypeError, match=r"detect_anomaly: check_nan must be True or False, not"):
        lucid.detect_anomaly(check_nan=value)
    with pytest.raises(TypeError, match="set_detect_anomaly: mode must be True or False"):
        lucid.autograd.set_detect_anomaly(value)


def test_the_names_are_one_thing():
    assert lucid.detect_anomaly is lucid.debug.detect_anomaly is lucid.autograd.detect_anomaly
    assert lucid.debug.set_detect_anomaly is lucid.autograd.set_detect_anomaly


# ---- that nothing else changes --------------------------------------------------------


def train(steps=5):
    lucid.manual_seed(1)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Linear(8, 1)
    )
    optimizer = lucid.optim.Adam(model.parameters(), lr=0.05)
    x, y = lucid.randn(16, 4), lucid.randn(16, 1)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.HuberLoss()(model(x), y).backward()
        optimizer.step()
    return lucid.nn.utils.parameters_to_vector(model.parameters()).detach().numpy()


def test_training_is_the_same_bit_by_bit():
    plain = train()
    with lucid.detect_anomaly():
        watched = train()
    np.testing.assert_array_equal(plain, watched)


def test_higher_derivatives():
    x = weight(0.5, 2.0)
    with lucid.detect_anomaly():
        (slope,) = lucid.autograd.grad((x**3).sum(), x, create_graph=True)
        (curvature,) = lucid.autograd.grad(slope.sum(), x)
    np.testing.assert_allclose(curvature.numpy(), 6 * x.detach().numpy(), rtol=1e-6)

    def run():
        y = weight(0.0)
        (slope,) = lucid.autograd.grad(y**1.5, y, create_graph=True)
        lucid.autograd.grad(slope, y)

    assert caught(run).phase == "backward"


def test_the_backward_anomaly_of_pytorch():
    """Where PyTorch's mode raises, ours does: the op has the same name."""
    torch = pytest.importorskip("torch")
    ours, theirs = weight(0.0, 1.0), torch.tensor([0.0, 1.0], requires_grad=True)
    error = caught(lambda: (ours * 0).sqrt().mul(ours).sum().backward(), check_inf=False)
    with pytest.warns(UserWarning, match="Anomaly|Error"), torch.autograd.detect_anomaly():  # noqa: SIM117
        with pytest.raises(RuntimeError, match=r"'(Sqrt|Mul)Backward0' returned nan"):
            (theirs * 0).sqrt().mul(theirs).sum().backward()
    assert error.phase == "backward"
    assert error.op in ("sqrt", "mul")


def test_the_traceback_ends_in_the_users_line():
    model, x = Model(), lucid.randn(4, 3)
    try:
        with lucid.detect_anomaly():
            model(x)
    except AnomalyError:
        frame, files = sys.exc_info()[2], []
        while frame is not None:
            files.append(frame.tb_frame.f_code.co_name)
            frame = frame.tb_next
    assert "forward" in files
