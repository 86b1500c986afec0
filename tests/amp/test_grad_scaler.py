"""Loss scaling: overflow leaves the step out, small gradients in half precision survive."""

import numpy as np
import pytest

import lucid
from lucid import amp, optim
from lucid.errors import ArgumentError, GradError


def leaf(value=1.0, dtype=np.float32):
    return lucid.tensor(np.full(2, value, dtype), requires_grad=True)


def test_scaled_steps_equal_plain_ones():
    w, v = leaf(), leaf()
    a, b = optim.Adam([w], lr=0.1), optim.Adam([v], lr=0.1)
    scaler = amp.GradScaler(init_scale=1024.0)
    for _ in range(5):
        for p, optimizer in ((w, a), (v, b)):
            optimizer.zero_grad()
            loss = (p * p).sum()
            (scaler.scale(loss) if p is w else loss).backward()
        scaler.step(a)
        scaler.update()
        b.step()
    np.testing.assert_array_equal(w.detach().numpy(), v.detach().numpy())


def test_overflow_leaves_the_step_out_and_lowers_the_factor():
    w = leaf()
    optimizer = optim.SGD([w], lr=0.1)
    scaler = amp.GradScaler(init_scale=8.0, growth_interval=2)
    scales = []
    for gradient in (1.0, np.inf, 1.0, 1.0, np.nan):
        w.grad = lucid.tensor(np.full(2, gradient, np.float32))
        before = w.detach().numpy().copy()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
        assert np.array_equal(w.detach().numpy(), before) == (not np.isfinite(gradient))
    assert scales == [8.0, 4.0, 4.0, 8.0, 4.0]


def test_small_gradients_of_half_precision_survive():
    w = leaf(dtype=np.float16)
    optimizer = optim.SGD([w], lr=1e6)
    scaler = amp.GradScaler(init_scale=2.0**16)
    w.grad = lucid.tensor(np.full(2, 1e-8 * 2**16, np.float16))
    scaler.step(optimizer)
    np.testing.assert_allclose(w.detach().numpy(), 0.99, rtol=1e-3)


def test_unscale_before_clipping():
    w = leaf()
    optimizer = optim.SGD([w], lr=1.0)
    scaler = amp.GradScaler(init_scale=16.0)
    scaler.scale((w * 3).sum()).backward()
    scaler.unscale_(optimizer)
    np.testing.assert_allclose(w.grad.numpy(), 3.0)
    optim.clip_grad_norm_([w], 1.0)
    scaler.step(optimizer)
    with pytest.raises(GradError, match="already"):
        scaler.step(optimizer)
    with pytest.raises(GradError, match="already"):
        scaler.unscale_(optimizer)
    scaler.update()


def test_state_travels():
    torch = pytest.importorskip("torch")
    scaler = amp.GradScaler(init_scale=4.0, growth_factor=3.0)
    theirs = torch.amp.GradScaler("cpu")
    theirs.load_state_dict(scaler.state_dict())
    twin = amp.GradScaler()
    twin.load_state_dict(theirs.state_dict())
    assert twin.state_dict() == scaler.state_dict()


def test_not_enabled():
    w = leaf()
    scaler = amp.GradScaler(enabled=False)
    loss = (w * w).sum()
    assert scaler.scale(loss) is loss
    loss.backward()
    scaler.step(optim.SGD([w], lr=0.5))
    scaler.update()
    assert (w.detach().numpy() == 0).all()
    assert scaler.state_dict() == {}
    assert scaler.get_scale() == 1.0


def test_refusals():
    with pytest.raises(ArgumentError, match="growth_factor"):
        amp.GradScaler(growth_factor=1.0)
    with pytest.raises(ArgumentError, match="backoff_factor"):
        amp.GradScaler(backoff_factor=1.0)
    with pytest.raises(GradError, match="comes first"):
        amp.GradScaler().update()
    with pytest.raises(ArgumentError, match="no closure"):
        amp.GradScaler().step(optim.SGD([leaf()]), lambda: 0)
    with pytest.raises(ArgumentError, match="empty"):
        amp.GradScaler().load_state_dict({})
