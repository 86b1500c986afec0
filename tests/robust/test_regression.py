"""Reweighted least squares against statsmodels; estimates with a high breakdown point."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.robust import irls, mm_regression, s_regression

KINDS = ["H1", "H2", "H3"]


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(80), rng.standard_normal((80, 3))])
    return X, X @ [1.0, 2.0, 3.0, 4.0] + rng.standard_t(2, 80)


def leverage(share=0.4, n=100):
    """Rows of which a share lies far off, in X and in y: least squares turns to them."""
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(n), rng.standard_normal((n, 2))])
    y = X @ [1.0, 2.0, -1.0] + 0.3 * rng.standard_normal(n)
    bad = int(share * n)
    X[:bad, 1:] = 10 + 0.1 * rng.standard_normal((bad, 2))
    y[:bad] = -50 + rng.standard_normal(bad)
    return X, y, bad


# ---- statsmodels -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", ["mad", "huber"])
@pytest.mark.parametrize("name", ["huber", "tukey", "logistic", "squared"])
def test_against_statsmodels(rows, name, scale, kind):
    robust = pytest.importorskip("statsmodels.robust")
    model = pytest.importorskip("statsmodels.robust.robust_linear_model")
    loss, norm = {
        "huber": (nn.HuberLoss(delta=1.345), robust.norms.HuberT(1.345)),
        "tukey": (nn.TukeyBiweightLoss(), robust.norms.TukeyBiweight(4.685)),
        "logistic": (nn.LogCoshLoss(), _log_cosh(robust.norms.RobustNorm)),
        "squared": (nn.MSELoss(), robust.norms.LeastSquares()),
    }[name]
    X, y = rows
    how = "mad" if scale == "mad" else robust.scale.HuberScale(tol=1e-13, maxiter=1000)
    options = {"maxiter": 1000, "tol": 1e-13, "conv": "coefs"}
    expected = model.RLM(y, X, M=norm).fit(scale_est=how, cov=kind, **options)
    found = irls(X, y, loss, scale=scale, covariance=kind)
    assert found.converged
    assert np.allclose(found.coefficients, expected.params, rtol=1e-8)
    assert found.scale == pytest.approx(expected.scale, rel=1e-8)
    assert np.allclose(found.residuals, expected.resid, atol=1e-8)
    full = loss.weight(0.0)  # statsmodels' squared loss is half of ours
    assert np.allclose(found.weights / full, expected.weights, atol=1e-8)
    assert np.allclose(found.standard_errors, expected.bse, rtol=1e-8)
    assert np.allclose(found.covariance, expected.cov_params(), rtol=1e-7, atol=1e-12)
    assert np.allclose(found.intervals(0.9), expected.conf_int(0.1), rtol=1e-7)


def _log_cosh(base):
    class LogCosh(base):
        def rho(self, z):
            return np.log(np.cosh(z))

        def psi(self, z):
            return np.tanh(z)

        def weights(self, z):
            return np.where(z == 0, 1, np.tanh(z) / np.where(z == 0, 1, z))

        def psi_deriv(self, z):
            return 1 / np.cosh(z) ** 2

    return LogCosh()


def test_the_stack_loss_data():
    """The fit that the literature has of them, to its three digits."""
    data = pytest.importorskip("statsmodels.datasets").stackloss.load_pandas().data.to_numpy()
    X = np.column_stack([np.ones(21), data[:, 1:]])
    fit = irls(X, data[:, 0], nn.HuberLoss(delta=1.345))
    assert np.allclose(fit.coefficients, [-41.027, 0.829, 0.926, -0.128], atol=5e-3)


# ---- what training reaches -------------------------------------------------------------


def test_gradient_training_reaches_it(rows):
    X, y = rows
    fit = irls(X, y, nn.HuberLoss(delta=1.345))
    model = nn.Linear(4, 1, bias=False).double()
    options = {"max_iter": 200, "tolerance_change": 1e-16, "line_search_fn": "strong_wolfe"}
    optimizer = lucid.optim.LBFGS(model.parameters(), **options)
    loss = nn.HuberLoss(delta=1.345 * fit.scale)

    def closure():
        optimizer.zero_grad()
        value = loss(model(lucid.tensor(X)).squeeze(-1), lucid.tensor(y))
        value.backward()
        return value

    optimizer.step(closure)
    assert np.allclose(model.weight.detach().numpy()[0], fit.coefficients, rtol=1e-6)


@pytest.mark.parametrize("loss", [nn.L1Loss(), nn.QuantileLoss(quantile=0.7)], ids=repr)
def test_losses_with_a_corner(rows, loss):
    """Compared with statsmodels' quantile regression."""
    quantile = pytest.importorskip("statsmodels.regression.quantile_regression")
    X, y = rows
    q = getattr(loss, "quantile", 0.5)
    expected = quantile.QuantReg(y, X).fit(q=q, p_tol=1e-10, max_iter=5000).params
    fit = irls(X, y, loss, max_iterations=3000)
    assert np.allclose(fit.coefficients, expected, atol=2e-4)
    assert np.isnan(fit.standard_errors).all()  # psi has no slope


# ---- kinds, options, errors ------------------------------------------------------------


def test_tensors_give_tensors(rows):
    X, y = rows
    arrays = irls(X, y)
    tensors = irls(lucid.tensor(X).float(), lucid.tensor(y).float())
    for name in ("coefficients", "weights", "residuals", "covariance", "standard_errors"):
        found = getattr(tensors, name)
        assert isinstance(found, lucid.Tensor)
        assert found.dtype == np.float32
        assert np.allclose(found.numpy(), getattr(arrays, name), rtol=1e-3, atol=1e-4)
    prediction = tensors.predict(lucid.tensor(X).float())
    assert np.allclose(prediction.numpy(), arrays.predict(X), atol=1e-4)
    assert np.allclose(arrays.predict(lucid.tensor(X)).numpy(), arrays.predict(X))
    assert np.allclose(y - arrays.predict(X), arrays.residuals)


def test_a_scale_that_is_given_stays(rows):
    X, y = rows
    fit = irls(X, y, scale=2.0)
    assert fit.scale == 2.0
    psi = np.clip(fit.residuals / 2.0, -1.345, 1.345)
    assert np.abs(X.T @ psi).max() < 1e-8
    first = irls(X, y, update_scale=False)
    least = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    assert first.scale == pytest.approx(np.median(np.abs(least)) / 0.6744897501960817)


def test_no_end_in_sight_is_said(rows):
    fit = irls(*rows, max_iterations=2)
    assert not fit.converged
    assert fit.iterations == 2
    assert repr(fit).endswith("; not converged after 2 iterations")


def test_an_exact_fit_ends_it():
    x = np.arange(12.0)
    X, y = np.stack([np.ones(12), x], 1), 3 - 2 * x
    y[[2, 7]] += [50.0, -9.0]
    fit = mm_regression(X, y, generator=lucid.Generator(0))
    assert np.allclose(fit.coefficients, [3, -2], atol=1e-9)
    assert fit.scale < 1e-9
    assert fit.converged
    assert sorted(np.argsort(fit.weights)[:2].tolist()) == [2, 7]


def test_refusals(rows):
    X, y = rows
    with pytest.raises(ShapeError, match=r"X of shape \(N, D\).*\n.*\n.*\n  help: y.ravel"):
        irls(X, y[:, None])
    with pytest.raises(ShapeError, match=r"help: lucid.stack"):
        irls(X[:, 1], y)
    with pytest.raises(ShapeError, match="more rows than columns"):
        irls(X[:4], y[:4])
    with pytest.raises(ShapeError, match="start must hold the 4 coefficients"):
        irls(X, y, start=np.zeros(3))
    with pytest.raises(ArgumentError, match="covariance must be one of H1, H2, H3, not 'H4'"):
        irls(X, y, covariance="H4")
    with pytest.raises(ArgumentError, match="there is no scale 'sd'\n  help: 'mad', 'huber'"):
        irls(X, y, scale="sd")
    with pytest.raises(DTypeError, match="takes a regression loss"):
        irls(X, y, nn.NLLLoss())
    with pytest.raises(DTypeError, match="y must hold real numbers"):
        irls(X, y + 0j)
    y[3] = np.nan
    with pytest.raises(ArgumentError, match="irls: y holds NaN or infinity"):
        irls(X, y)


# ---- high breakdown --------------------------------------------------------------------


@pytest.mark.parametrize("regression", [s_regression, mm_regression])
@pytest.mark.parametrize("share", [0.2, 0.4])
def test_bad_leverage_points_do_not_turn_it(regression, share):
    X, y, bad = leverage(share)
    fit = regression(X, y, subsamples=200, generator=lucid.Generator(0))
    clean = np.linalg.lstsq(X[bad:], y[bad:], rcond=None)[0]
    assert np.abs(fit.coefficients - clean).max() < 0.15
    assert (fit.weights[:bad] == 0).all()
    turned = irls(X, y, nn.HuberLoss(delta=1.345)).coefficients
    assert np.abs(turned - clean).max() > 1


def test_the_second_step_against_statsmodels():
    robust = pytest.importorskip("statsmodels.robust")
    model = pytest.importorskip("statsmodels.robust.robust_linear_model")
    X, y, _ = leverage(0.3)
    first = s_regression(X, y, subsamples=100, generator=lucid.Generator(0))
    found = mm_regression(X, y, subsamples=100, generator=lucid.Generator(0))
    rlm = model.RLM(y, X, M=robust.norms.TukeyBiweight(4.685))
    start = {"start_params": first.coefficients, "start_scale": first.scale}
    expected = rlm.fit(update_scale=False, maxiter=500, tol=1e-13, conv="coefs", **start)
    assert found.scale == first.scale
    assert np.allclose(found.coefficients, expected.params, rtol=1e-8)
    assert np.allclose(found.standard_errors, expected.bse, rtol=1e-8)


def test_the_s_estimate_is_a_minimum():
    from lucid.robust import m_scale

    X, y, _ = leverage(0.3)
    fit = s_regression(X, y, subsamples=100, generator=lucid.Generator(0))
    assert m_scale(fit.residuals, center=0.0) == pytest.approx(fit.scale, rel=1e-9)
    rng = np.random.default_rng(3)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(5):
            other = fit.coefficients + size * rng.standard_normal(3)
            assert m_scale(y - X @ other, center=0.0) > fit.scale


def test_a_seed_fixes_it():
    X, y, _ = leverage(0.3)
    lucid.manual_seed(3)
    first = mm_regression(X, y, subsamples=20)
    lucid.manual_seed(3)
    assert np.array_equal(mm_regression(X, y, subsamples=20).coefficients, first.coefficients)


def test_high_breakdown_refuses():
    X, y, _ = leverage(0.3)
    with pytest.raises(ArgumentError, match="subsamples must be a positive integer, not 0"):
        s_regression(X, y, subsamples=0)
    with pytest.raises(ShapeError, match="columns depend on each other"):
        mm_regression(np.column_stack([X, X[:, 1]]), y, subsamples=20)
