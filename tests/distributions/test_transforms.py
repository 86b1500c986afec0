"""Transforms against PyTorch's: values, inverses, Jacobians, caches; and the two registries."""

import numpy as np
import pytest

import lucid
from lucid import distributions as ours
from lucid.errors import ArgumentError, DTypeError, LucidError, ShapeError, UnimplementedError

torch = pytest.importorskip("torch")
theirs = torch.distributions

X = np.array([[-2.0, -0.4, 0.1], [0.7, 1.9, 3.0]])
SQUARE = np.array([[0.3, 9.0], [1.2, -0.5]])


def both(make):
    """The transform here and in PyTorch."""
    return make(ours, lucid.tensor), make(theirs, torch.tensor)


def stacked(d, t):
    return d.StackTransform([d.ExpTransform(), d.AffineTransform(1.0, -2.0)], 0)


def joined(d, t):
    return d.CatTransform([d.ExpTransform(), d.TanhTransform()], -1, [1, 2])


ELEMENTWISE = {
    "exp": lambda d, t: d.ExpTransform(),
    "power": lambda d, t: d.PowerTransform(t(2.5)),
    "sigmoid": lambda d, t: d.SigmoidTransform(),
    "softplus": lambda d, t: d.SoftplusTransform(),
    "tanh": lambda d, t: d.TanhTransform(),
    "affine": lambda d, t: d.AffineTransform(t([1.0, 2.0, 3.0]), t([0.5, -2.0, 3.0])),
    "affine of numbers": lambda d, t: d.AffineTransform(1.0, -2.0),
    "affine of rows": lambda d, t: d.AffineTransform(0.5, t([2.0, 2.0, -3.0]), event_dim=1),
    "composed": lambda d, t: d.ComposeTransform([d.AffineTransform(0.0, 0.5), d.ExpTransform()]),
    "inverse": lambda d, t: d.AffineTransform(1.0, -2.0).inv,
    "independent": lambda d, t: d.IndependentTransform(d.TanhTransform(), 1),
    "reshaped": lambda d, t: d.ReshapeTransform((3,), (3, 1)),
    "identity": lambda d, t: d.identity_transform,
    "stacked": stacked,
    "joined": joined,
    "distribution": lambda d, t: d.CumulativeDistributionTransform(d.Normal(t(0.5), t(2.0))),
    "sticks": lambda d, t: d.StickBreakingTransform(),
    "correlation": lambda d, t: d.CorrCholeskyTransform(),
    "rows and columns": lambda d, t: d.ComposeTransform(
        [d.StickBreakingTransform(), d.AffineTransform(1.0, 2.0), d.ReshapeTransform((4,), (2, 2))]
    ),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_inverses_and_jacobians(name):
    mine, other = both(ELEMENTWISE[name])
    x = np.abs(X) + 0.1 if name == "power" else X
    here, there = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, y_ = mine(here), other(there)
    np.testing.assert_allclose(y.detach().data, y_.detach().numpy(), 1e-12, 1e-14)
    np.testing.assert_allclose(mine.inv(y).detach().data, x, 1e-7, 1e-9)
    assert mine.inv.inv is mine
    slope, slope_ = mine.log_abs_det_jacobian(here, y), other.log_abs_det_jacobian(there, y_)
    assert slope.shape == tuple(slope_.shape)
    np.testing.assert_allclose(slope.detach().data, slope_.detach().numpy(), 1e-8, 1e-9)
    back = mine.inv.log_abs_det_jacobian(y, here)
    np.testing.assert_allclose(back.detach().data, -slope.detach().data)
    assert mine.bijective == other.bijective
    assert mine.domain.event_dim == other.domain.event_dim
    assert mine.codomain.event_dim == other.codomain.event_dim
    if name not in ("joined", "stacked"):
        assert mine.codomain.check(y).data.all()
    assert mine.forward_shape(x.shape) == tuple(other.forward_shape(x.shape)) == y.shape
    assert mine.inverse_shape(y.shape) == tuple(other.inverse_shape(y_.shape))
    y.sum().backward()
    y_.sum().backward()
    if there.grad is not None:
        np.testing.assert_allclose(here.grad.data, there.grad.numpy(), 1e-8, 1e-9)


@pytest.mark.parametrize("name", ["sticks", "correlation", "rows and columns", "joined"])
def test_the_jacobian_is_the_determinant(name):
    transform, _ = both(ELEMENTWISE[name])
    x = lucid.tensor(X[1])
    y = transform(x)
    rows = []
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-6
        up, down = transform(x + lucid.tensor(step)), transform(x - lucid.tensor(step))
        rows.append(((up - down) / 2e-6).data.ravel())
    slopes = np.array(rows)
    free = {"sticks": [0, 1, 2], "correlation": [3, 6, 7], "rows and columns": [0, 1, 2]}
    scale = 3 * np.log(2) / 3 if name == "rows and columns" else 0.0
    wanted = np.log(np.abs(np.linalg.det(slopes[:, free.get(name, [0, 1, 2])])))
    found = transform.log_abs_det_jacobian(x, y).data.sum()
    np.testing.assert_allclose(found, wanted + scale, 1e-6)  # the fourth piece is scaled as well


@pytest.mark.parametrize("name", ["LowerCholeskyTransform", "PositiveDefiniteTransform"])
def test_matrices(name):
    mine, other = getattr(ours, name)(), getattr(theirs, name)()
    y = mine(lucid.tensor(SQUARE))
    np.testing.assert_allclose(y.data, other(torch.tensor(SQUARE)).numpy(), 1e-12)
    assert mine.codomain.check(y).item()
    np.testing.assert_allclose(mine(mine.inv(y)).data, y.data, 1e-12)


def test_softmax_and_absolute_value():
    x = lucid.tensor(X)
    softmax = ours.SoftmaxTransform()
    np.testing.assert_allclose(softmax(softmax.inv(softmax(x))).data, softmax(x).data, 1e-12)
    np.testing.assert_array_equal(ours.AbsTransform()(x).data, np.abs(X))
    with pytest.raises(UnimplementedError, match="AbsTransform: the map has no log_abs_det"):
        ours.AbsTransform().log_abs_det_jacobian(x, x)


def test_far_out_sticks_stay_finite():
    y = ours.StickBreakingTransform()(lucid.tensor([800.0, -800.0, 3.0], requires_grad=True))
    assert np.isfinite(y.detach().data).all()
    slope = ours.StickBreakingTransform().log_abs_det_jacobian
    assert slope(lucid.tensor([60.0, 1.0]), lucid.tensor([1.0, 1e-27, 1e-27])).isfinite().item()


def test_the_cache_gives_the_very_tensor_back():
    x = lucid.tensor(X)
    for transform in (ours.ExpTransform(cache_size=1), ours.TanhTransform().with_cache()):
        y = transform(x)
        assert transform(x) is y
        assert transform.inv(y) is x
    plain = ours.ExpTransform()
    assert plain.inv(plain(x)) is not x
    assert plain.with_cache(0) is plain
    both_cached = ours.ComposeTransform([ours.TanhTransform(), ours.ExpTransform()], cache_size=1)
    assert both_cached.inv(both_cached(x)) is x
    with pytest.raises(ArgumentError, match="cache_size must be 0 or 1"):
        ours.ExpTransform(cache_size=2)


def test_equality():
    assert ours.ExpTransform() == ours.ExpTransform()
    assert ours.ExpTransform() != ours.TanhTransform()
    assert ours.ExpTransform() != ours.ExpTransform().inv
    assert ours.AffineTransform(0.0, lucid.tensor(2.0)) == ours.AffineTransform(0.0, 2.0)
    assert ours.AffineTransform(0.0, 1.0) != ours.AffineTransform(0.0, 2.0)
    assert ours.ExpTransform().inv == ours.ExpTransform().inv
    composed = [
        ours.ComposeTransform([ours.ExpTransform(), t]) for t in (ours.TanhTransform(),) * 2
    ]
    assert composed[0] == composed[1]


CONSTRAINTS = {
    "real": lambda c, t: c.real,
    "positive": lambda c, t: c.positive,
    "greater": lambda c, t: c.greater_than(t(2.0)),
    "at least": lambda c, t: c.greater_than_eq(1.0),
    "less": lambda c, t: c.less_than(-1.0),
    "unit": lambda c, t: c.unit_interval,
    "interval": lambda c, t: c.interval(t(-1.0), t(3.0)),
    "half open": lambda c, t: c.half_open_interval(-1.0, 3.0),
    "simplex": lambda c, t: c.simplex,
    "correlations": lambda c, t: c.corr_cholesky,
    "rows": lambda c, t: c.independent(c.positive, 1),
    "joined": lambda c, t: c.cat([c.positive, c.unit_interval], -1, [1, 2]),
    "stacked": lambda c, t: c.stack([c.positive, c.real], 0),
    "nonnegative": lambda c, t: c.nonnegative,
}


@pytest.mark.parametrize("registry", ["biject_to", "transform_to"])
@pytest.mark.parametrize("name", CONSTRAINTS)
def test_registries(name, registry):
    constraint = CONSTRAINTS[name](ours.constraints, lucid.tensor)
    mine = getattr(ours, registry)(constraint)
    other = getattr(theirs, registry)(CONSTRAINTS[name](theirs.constraints, torch.tensor))
    y = mine(lucid.tensor(X))
    np.testing.assert_allclose(y.data, other(torch.tensor(X)).numpy(), 1e-7, 1e-12)
    assert constraint.check(y).data.all()
    if registry == "biject_to":
        assert mine.bijective
        np.testing.assert_allclose(mine.inv(y).data, X, 1e-6, 1e-9)


@pytest.mark.parametrize("name", ["lower_cholesky", "positive_definite", "positive_semidefinite"])
def test_matrices_of_a_kind_are_reached(name):
    constraint = getattr(ours.constraints, name)
    assert constraint.check(ours.transform_to(constraint)(lucid.tensor(SQUARE))).item()
    with pytest.raises(UnimplementedError, match="biject_to: no map is registered"):
        ours.biject_to(constraint)


def test_a_map_of_ones_own_is_registered():
    class Even(ours.constraints.Constraint):
        pass

    with pytest.raises(UnimplementedError, match="no map is registered"):
        ours.transform_to(Even())
    ours.transform_to.register(Even, lambda constraint: ours.AffineTransform(0.0, 2.0))
    assert ours.transform_to(Even())(lucid.tensor(1.0)).item() == 2
    with pytest.raises(DTypeError, match=r"transform_to\.register: register takes a constraint"):
        ours.transform_to.register(3, lambda constraint: None)


def test_what_does_not_fit_is_refused():
    x = lucid.tensor(X)
    for make, error, match in (
        (lambda: ours.CatTransform([ours.ExpTransform()], 0, [1, 2]), ArgumentError, "a length"),
        (lambda: ours.CatTransform([ours.ExpTransform()], 0, [3])(x), ShapeError, "must be 3 long"),
        (lambda: ours.StackTransform([ours.ExpTransform()], 0)(x), ShapeError, "must be 1 long"),
        (lambda: ours.ReshapeTransform((3,), (2,)), ShapeError, "equally many elements"),
        (lambda: ours.ReshapeTransform((2,), (2, 1))(x), ShapeError, r"end in the shape \[2\]"),
        (lambda: ours.CorrCholeskyTransform()(lucid.zeros(2)), ShapeError, "1, 3, 6, 10"),
        (lambda: ours.IndependentTransform(ours.ExpTransform(), 3)(x), ShapeError, "3 dimensions"),
        (lambda: ours.StickBreakingTransform()(x[0, 0]), ShapeError, "1 dimension"),
        (lambda: ours.AffineTransform([1.0], 2.0), DTypeError, "AffineTransform"),
    ):
        with pytest.raises(error, match=match) as caught:
            make()
        assert isinstance(caught.value, LucidError)


def test_transformed_distributions():
    base = ours.Normal(lucid.tensor(X[0]), 1.5)
    falling = ours.TransformedDistribution(base, [ours.AffineTransform(1.0, -2.0)])
    plain = ours.Normal(1 - 2 * lucid.tensor(X[0]), 3.0)
    x = lucid.tensor(X)
    for name in ("log_prob", "cdf"):
        np.testing.assert_allclose(
            getattr(falling, name)(x).data, getattr(plain, name)(x).data, 1e-6
        )
    p = lucid.tensor([0.1, 0.5, 0.8])
    np.testing.assert_allclose(falling.icdf(p).data, plain.icdf(p).data, 1e-6, 1e-6)
    assert falling.has_rsample
    assert falling.expand((4, 3)).rsample((2,)).shape == (2, 4, 3)
    simplex = ours.TransformedDistribution(base, ours.StickBreakingTransform())
    assert (simplex.batch_shape, simplex.event_shape) == ((), (4,))
    assert simplex.support is ours.constraints.simplex
    with pytest.raises(ShapeError, match="at least 1 dimensions"):
        ours.TransformedDistribution(ours.Normal(0.0, 1.0), ours.StickBreakingTransform())
    with pytest.raises(DTypeError, match="a Transform or a list of them"):
        ours.TransformedDistribution(base, [abs])
