"""The regression losses against PyTorch's, and their curves against statsmodels' norms."""

import warnings

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F

RESIDUALS = [0.0, -0.0, 1e-8, -1e-4, 0.5, -0.7, 0.7, 1.0, -3.0, 1e5, -1e8, np.inf, -np.inf, np.nan]
CALLS = {
    "mse": ("mse_loss", {}),
    "l1": ("l1_loss", {}),
    **{f"smooth_l1 {b}": ("smooth_l1_loss", {"beta": b}) for b in (0.0, 0.1, 0.7, 1.0, 13.0)},
    **{f"huber {d}": ("huber_loss", {"delta": d}) for d in (1e-6, 0.1, 0.7, 1.0, 13.0, 1e4)},
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", CALLS)
def test_torch(name, reduction, dtype):
    torch = pytest.importorskip("torch")
    function, options = CALLS[name]
    every = np.array(RESIDUALS, dtype)
    for r in (every, every[np.isfinite(every)], every[:0], every[4:5].reshape(1, 1)):
        x = lucid.tensor(r, requires_grad=True)
        y = torch.tensor(r, requires_grad=True)
        ours = getattr(F, function)(x, lucid.zeros_like(x), reduction=reduction, **options)
        theirs = getattr(torch.nn.functional, function)(
            y, torch.zeros_like(y), reduction=reduction, **options
        )
        ours.sum().backward()
        theirs.sum().backward()
        rtol = 3e-7 if dtype == np.float32 else 1e-15
        found, expected = ours.detach().numpy(), theirs.detach().numpy()
        assert found.dtype == expected.dtype
        assert np.allclose(found, expected, rtol=rtol, atol=0, equal_nan=True)
        known = ~np.isnan(r)  # torch's slope of |NaN| is 0, which would hide it
        slopes = x.grad.numpy(), y.grad.numpy()
        assert np.allclose(slopes[0][known], slopes[1][known], rtol=rtol, atol=0, equal_nan=True)
        assert np.all(np.isnan(slopes[0][~known]))


@pytest.mark.parametrize("name", ["huber_loss", "mse_loss", "l1_loss"])
def test_torch_weights(name):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((2, 4, 3)).astype(np.float32) * 2
    w = rng.random((4, 3), np.float32)
    normalize = "count" if name == "huber_loss" else "weight"  # as torch divides
    ours = getattr(F, name)(
        lucid.tensor(x), lucid.tensor(t), weight=lucid.tensor(w), normalize=normalize
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(torch.nn.functional, name)(
            torch.tensor(x), torch.tensor(t), weight=torch.tensor(w)
        )
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)


NORMS = {
    "HuberT": (nn.HuberLoss(delta=1.345), {"t": 1.345}),
    "LeastSquares": (nn.HuberLoss(delta=np.inf), {}),
    "TukeyBiweight": (nn.TukeyBiweightLoss(), {"c": 4.685}),
}


@pytest.mark.parametrize("name", NORMS)
def test_statsmodels(name):
    norms = pytest.importorskip("statsmodels.robust.norms")
    ours, options = NORMS[name]
    norm = getattr(norms, name)(**options)
    z = np.array([-50.0, -4.7, -4.0, -1.345, -0.3, -1e-3, 0.0, 0.2, 1.0, 1.4, 3.0, 4.6, 100.0])
    assert norm.psi(z) == pytest.approx(ours.psi(z), rel=1e-12)
    assert norm.weights(z) == pytest.approx(ours.weight(z), rel=1e-12)
    rho = norm.rho(z)
    assert rho - norm.rho(np.zeros(1)) == pytest.approx(ours.rho(z), rel=1e-11, abs=1e-14)
