"""Bad parameters and values are refused in words; constraints say what they mean."""

import copy

import numpy as np
import pytest

import lucid
from lucid import distributions as D
from lucid.distributions import constraints as C
from lucid.errors import ArgumentError, DTypeError, ShapeError, UnimplementedError

torch = pytest.importorskip("torch")
T = torch.distributions.constraints


def refused(call, error=ArgumentError):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


# ---- the words ------------------------------------------------------------------------


def test_a_scale_that_is_not_positive():
    text = refused(lambda: D.Normal(0.0, lucid.tensor([1.0, -2.0, 0.0])))
    assert text.splitlines() == [
        "Normal: scale must lie in GreaterThan(lower_bound=0.0)",
        "  scale: float32[3]",
        "  refused: -2 at (1,) (2 of 3)",
        "  expected: GreaterThan(lower_bound=0.0): greater than 0.0",
        "  help: lucid.exp(x) or softplus(x) makes any number positive; "
        "validate_args=False switches the check off",
    ]


def test_a_value_outside_of_the_support():
    text = refused(lambda: D.Gamma(2.0, 1.0).log_prob(lucid.tensor([[1.0, -3.0]])))
    assert "Gamma: value must lie in its support" in text
    assert "refused: -3 at (0, 1) (1 of 2)" in text
    assert "GreaterThanEq(lower_bound=0.0): at least 0.0" in text
    assert "validate_args=False" in text


def test_shapes_that_do_not_broadcast():
    text = refused(lambda: D.Laplace(lucid.zeros(2), lucid.ones(3)), ShapeError)
    assert text.startswith("Laplace: the shapes of loc and scale do not broadcast")
    assert "loc: float32[2]" in text
    assert "unsqueeze" in text
    text = refused(lambda: D.Normal(lucid.zeros(2), 1.0).log_prob(lucid.zeros(3)), ShapeError)
    assert text.startswith("Normal: the shape of value does not fit the batch and the event")
    assert "batch_shape: (2,)" in text
    text = refused(lambda: D.Dirichlet(lucid.ones(3)).log_prob(lucid.ones(2) / 2), ShapeError)
    assert "event_shape: (3,)" in text
    text = refused(lambda: D.Normal(lucid.zeros(2), 1.0).expand((3,)), ShapeError)
    assert text.startswith("Normal.expand: loc cannot be expanded to [3]")


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: D.StudentT(0.0), "StudentT: df must lie in"),
        (lambda: D.Normal(float("nan"), 1.0), "Normal: loc must lie in Real()"),
        (lambda: D.Huber(0.0, 1.0, -1.0), "Huber: delta must lie in"),
        (lambda: D.AsymmetricLaplace(0.0, 1.0, 0.0), "AsymmetricLaplace: asymmetry must lie in"),
        (lambda: D.HalfNormal(-1.0), "HalfNormal: scale must lie in"),
        (lambda: D.LogNormal(0.0, -1.0), "LogNormal: scale must lie in"),
        (lambda: D.HalfCauchy(-1.0), "HalfCauchy: scale must lie in"),
        (lambda: D.InverseGamma(1.0, -1.0), "InverseGamma: rate must lie in"),
        (lambda: D.Chi2(-1.0), "Chi2: df must lie in"),
        (lambda: D.Bernoulli(1.5), "Bernoulli: probs must lie in Interval"),
        (lambda: D.Geometric(0.0), "Geometric: probs must be above 0"),
        (lambda: D.Binomial(2.5, 0.5), "Binomial: total_count must lie in"),
        (lambda: D.Uniform(1.0, 1.0), "Uniform: low must be less than high"),
        (lambda: D.Categorical(lucid.tensor([-1.0, -1.0])), "Categorical: probs must lie in"),
        (lambda: D.RelaxedBernoulli(-1.0, 0.5), "RelaxedBernoulli: temperature must lie in"),
        (lambda: D.Wishart(1.0, lucid.eye(3)), "Wishart: df must be greater than 2"),
        (lambda: D.LKJCholesky(1), "LKJCholesky: dim must be an int of at least 2"),
        (
            lambda: D.MultivariateNormal(lucid.zeros(2), -lucid.eye(2)),
            "MultivariateNormal: covariance_matrix must lie in PositiveDefinite()",
        ),
        (
            lambda: D.MultivariateNormal(lucid.zeros(2), scale_tril=lucid.ones(2, 2)),
            "MultivariateNormal: scale_tril must lie in LowerCholesky()",
        ),
        (lambda: D.Normal(0.0, 1.0).icdf(lucid.tensor(1.5)), "Normal.icdf: value must lie in"),
        (lambda: D.Uniform(0.0, 1.0).log_prob(2.0), r"Interval(lower_bound=0, upper_bound=1)"),
        (lambda: D.Categorical(lucid.ones(3)).log_prob(3), "IntegerInterval"),
        (lambda: D.Poisson(1.0).log_prob(1.5), "whole numbers, at least 0"),
        (lambda: D.Independent(D.Normal(0.0, 1.0), 1), "reinterpreted_batch_ndims"),
        (
            lambda: D.MixtureSameFamily(D.Categorical(lucid.ones(2)), D.Normal(0.0, 1.0)),
            "there are 2 probabilities",
        ),
        (
            lambda: D.Binomial(lucid.tensor([1, 2]), 0.5).enumerate_support(),
            "the support differs over the batch",
        ),
        (lambda: D.Distribution.set_default_validate_args(1), "value must be True or False"),
    ],
)
def test_bad_arguments_are_named(call, match):
    assert match in refused(call)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: D.Normal([0.0], 1.0), "Normal: takes tensors and numbers, not list"),
        (lambda: D.Normal(0.0, "1"), "Normal: takes tensors and numbers, not str"),
        (lambda: D.Normal(lucid.tensor([1j]), 1.0), "Normal: loc must be real"),
        (lambda: D.Normal(0.0, 1.0).log_prob([0.0]), "value: [0.0]"),
        (lambda: D.Bernoulli(), "takes exactly one of probs, logits; given: none"),
        (lambda: D.Bernoulli(0.5, 0.5), "takes exactly one of probs, logits; given: probs, logits"),
        (lambda: D.Multinomial(1.5, lucid.ones(2)), "total_count must be one int"),
        (
            lambda: D.MultivariateNormal(lucid.zeros(2)),
            "exactly one of covariance_matrix, precision_matrix, scale_tril",
        ),
        (lambda: D.MixtureSameFamily(1, D.Normal(0.0, 1.0)), "must be a Categorical"),
    ],
)
def test_other_types_are_refused(call, match):
    assert match in refused(call, DTypeError)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: D.Dirichlet(1.0), "concentration must have at least 1 dimension"),
        (lambda: D.MultivariateNormal(lucid.zeros(3), lucid.eye(2)), r"end in the shape [3, 3]"),
        (
            lambda: D.LowRankMultivariateNormal(lucid.zeros(3), lucid.ones(2, 1), lucid.ones(3)),
            "cov_factor must end in [3, r]",
        ),
        (lambda: D.Wishart(5.0, lucid.ones(2, 3)), "covariance_matrix must be square"),
        (
            lambda: D.MixtureSameFamily(
                D.Categorical(lucid.ones(3, 2)), D.Normal(lucid.zeros(4, 2), 1.0)
            ),
            "batches of mixture and components",
        ),
    ],
)
def test_other_shapes_are_refused(call, match):
    assert match in refused(call, ShapeError)


def test_what_there_is_not_is_said():
    for call, match in (
        (lambda: D.Beta(1.0, 1.0).cdf(0.5), "Beta: there is no cdf in closed form"),
        (lambda: D.Poisson(1.0).entropy(), "Poisson: there is no entropy"),
        (lambda: D.Distribution().support, "Distribution: there is no support"),
    ):
        assert match in refused(call, UnimplementedError)


def test_checks_can_be_switched_off():
    odd = D.Normal(0.0, -1.0, validate_args=False)
    assert odd.scale.item() == -1
    assert np.isnan(odd.log_prob(0.0).item())
    assert D.Exponential(1.0, validate_args=False).log_prob(-1.0).item() == 1
    D.Distribution.set_default_validate_args(False)
    try:
        D.Normal(0.0, -1.0)
        with pytest.raises(ArgumentError):
            D.Normal(0.0, -1.0, validate_args=True)
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ArgumentError):
        D.Normal(0.0, -1.0)


# ---- parameters -----------------------------------------------------------------------


def test_dtypes_of_parameters():
    assert D.Normal(0, 1).loc.dtype == lucid.float32
    assert D.Normal(lucid.tensor([1, 2]), 1).loc.dtype == lucid.float32
    wide = D.Normal(lucid.zeros(2, dtype=lucid.float64), 0.1)
    assert wide.scale.dtype == lucid.float64
    assert wide.scale.data[0] == 0.1  # not a float32 in between
    assert D.Normal(np.zeros(2), 1.0).loc.dtype == lucid.float64
    half = D.Normal(lucid.zeros(2, dtype=lucid.float16), 2.0)
    assert half.log_prob(lucid.ones(2, dtype=lucid.float16)).dtype == lucid.float16
    assert D.Poisson(2.0).log_prob(lucid.tensor([1, 2])).dtype == lucid.float32


def test_expanding_keeps_memory_and_gradients():
    scale = lucid.tensor(2.0, requires_grad=True)
    d = D.Normal(0.0, scale).expand((3, 4))
    assert d.batch_shape == (3, 4)
    assert d.scale.data.strides == (0, 0)
    value = d.log_prob(lucid.tensor(1.0))
    assert value.shape == (3, 4)
    value.sum().backward()
    np.testing.assert_allclose(scale.grad.item(), 12 * (1 / 8 - 1 / 2), 1e-6)
    categorical = D.Categorical(lucid.ones(3))
    assert categorical.logits.shape == (3,)
    assert categorical.expand((2,)).logits.shape == (2, 3)
    normal = D.MultivariateNormal(lucid.zeros(2), lucid.eye(2))
    assert normal.precision_matrix.shape == (2, 2)
    bigger = normal.expand((5,))
    assert bigger.precision_matrix.shape == bigger.scale_tril.shape == (5, 2, 2)
    assert bigger.entropy().shape == (5,)
    assert D.Independent(D.Normal(lucid.zeros(2), 1.0), 1).expand((7,)).sample().shape == (7, 2)
    mixture = D.MixtureSameFamily(D.Categorical(lucid.ones(2)), D.Normal(lucid.zeros(2), 1.0))
    assert mixture.expand((7,)).sample((3,)).shape == (3, 7)
    assert D.Chi2(3.0).expand((2,)).df.data.tolist() == [3.0, 3.0]


def test_lazy_parameters_are_recorded_outside_of_recording():
    probs = lucid.tensor([0.2, 0.8], requires_grad=True)
    d = D.Bernoulli(probs)
    with lucid.no_grad():
        d.log_prob(lucid.tensor(1.0))
    d.log_prob(lucid.tensor(1.0)).sum().backward()
    np.testing.assert_allclose(probs.grad.data, 1 / probs.data, 1e-5)


def test_one_lean_scale_for_many_values_has_one_gradient():
    loc, scale = (lucid.tensor(v, requires_grad=True) for v in ([0.0, 1.0], 2.0))
    d = D.Normal(loc, scale)
    d.log_prob(lucid.tensor([[1.0, 1.0], [3.0, 0.0]])).sum().backward()
    z = (np.array([[1.0, 1.0], [3.0, 0.0]]) - loc.data) / 2
    np.testing.assert_allclose(scale.grad.item(), ((z**2 - 1) / 2).sum(), 1e-6)
    np.testing.assert_allclose(loc.grad.data, (z / 2).sum(0), 1e-6)


def test_printed_forms():
    assert repr(D.Normal(0.0, 1.0)) == "Normal(loc: 0.0, scale: 1.0)"
    assert repr(D.Normal(lucid.zeros(2), 1.0)) == "Normal(loc: float32[2], scale: float32[2])"
    assert repr(D.Independent(D.Normal(lucid.zeros(2), 1.0), 1)).endswith("float32[2]), 1)")
    assert repr(D.Bernoulli(0.5)) == "Bernoulli(probs: 0.5)"
    assert repr(D.HalfNormal(2.0)) == "HalfNormal(scale: 2.0)"
    twin = copy.copy(D.Normal(0.0, 1.0))
    assert twin.mean.item() == 0


def test_discrete_log_probabilities_at_the_ends():
    assert D.Bernoulli(logits=lucid.tensor(800.0)).log_prob(1.0).item() == 0
    assert D.Geometric(1.0).log_prob(0.0).item() == 0
    assert D.Poisson(0.0).log_prob(0.0).item() == 0
    assert D.NegativeBinomial(0.0, 0.5).log_prob(0.0).item() == 0
    zero = D.OneHotCategorical(logits=lucid.tensor([0.0, -np.inf]))
    assert zero.log_prob(lucid.tensor([1.0, 0.0])).item() == 0
    assert zero.log_prob(lucid.tensor([0.0, 1.0])).item() == -np.inf
    assert D.Categorical(logits=lucid.tensor([0.0, -np.inf])).entropy().item() == 0


# ---- constraints ----------------------------------------------------------------------

VALUES = [
    np.array([-1.0, 0.0, 0.3, 0.5, 1.0, 2.0, 7.0]),
    np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [-0.5, 0.5, 1.0]]),
    np.array(
        [
            [[1.0, 0.0], [0.6, 0.8]],
            [[1.0, 0.6], [0.6, 1.0]],
            [[1.0, 0.5], [-0.5, 1.0]],
            [[1.0, 2.0], [2.0, 1.0]],
            [[1.0, 0.0], [0.5, -1.0]],
            [[1.0, 1.0], [1.0, 1.0]],
        ]
    ),
]
PLAIN = [
    "boolean",
    "nonnegative",
    "nonnegative_integer",
    "positive",
    "positive_integer",
    "real",
    "unit_interval",
]
VECTOR = ["real_vector", "simplex", "one_hot"]
MATRIX = [
    "square",
    "symmetric",
    "positive_definite",
    "positive_semidefinite",
    "lower_triangular",
    "lower_cholesky",
    "corr_cholesky",
]


@pytest.mark.parametrize("name", PLAIN + VECTOR + MATRIX)
def test_constraints_agree_with_pytorch(name):
    mine, other = getattr(C, name), getattr(T, name)
    assert mine.event_dim == other.event_dim
    assert mine.is_discrete == other.is_discrete
    values = VALUES[0 if name in PLAIN else 1 if name in VECTOR else 2]
    found = mine.check(lucid.tensor(values))
    assert found.dtype == lucid.bool
    if name in MATRIX:  # PyTorch's answer for one matrix may hang on the others of the batch
        wanted = [other.check(torch.tensor(matrix)).item() for matrix in values]
    else:
        wanted = other.check(torch.tensor(values)).tolist()
    assert found.tolist() == wanted


@pytest.mark.parametrize(
    "make",
    [
        lambda c: c.greater_than(0.5),
        lambda c: c.greater_than_eq(0.5),
        lambda c: c.less_than(0.5),
        lambda c: c.interval(0.0, 1.0),
        lambda c: c.half_open_interval(0.0, 1.0),
        lambda c: c.integer_interval(0, 2),
        lambda c: c.stack([c.positive] * 4 + [c.real] * 3, 0),
        lambda c: c.cat([c.positive, c.real], 0, [3, 4]),
        lambda c: c.MixtureSameFamilyConstraint(c.positive),
    ],
)
def test_constraints_with_arguments_agree_with_pytorch(make):
    mine, other = make(C), make(T)
    found, wanted = mine.check(lucid.tensor(VALUES[0])), other.check(torch.tensor(VALUES[0]))
    np.testing.assert_array_equal(found.data, wanted.numpy())
    assert (mine.event_dim, mine.is_discrete) == (other.event_dim, other.is_discrete)


def test_multinomial_and_independent_constraints():
    counts = np.array([[1.0, 2.0], [2.0, 2.0], [0.5, 0.5]])
    assert C.multinomial(3).check(lucid.tensor(counts)).tolist() == [True, False, False]
    rows = C.independent(C.positive, 1)
    assert rows.check(lucid.tensor(counts - 0.7)).tolist() == [True, True, False]
    with pytest.raises(ArgumentError, match="an event needs 2 dimensions"):
        C.independent(C.positive, 2).check(lucid.tensor([1.0]))
    assert not C.real.check(lucid.tensor([np.nan, 1.0])).tolist()[0]


def test_dependent_constraints_cannot_be_checked_alone():
    assert C.is_dependent(D.Uniform.support)
    assert not C.is_dependent(D.Uniform(0.0, 1.0).support)
    with pytest.raises(ArgumentError, match="hangs on other arguments"):
        C.dependent.check(lucid.ones(2))
    with pytest.raises(ArgumentError, match="give each constraint a length"):
        C.cat([C.real], 0, [1, 2])


def test_a_distribution_of_ones_own():
    class Triangular(D.Distribution):
        support = C.real

        @property
        def arg_constraints(self):
            return {"width": C.positive}

        def __init__(self, width):
            self.width = lucid.as_tensor(width)
            super().__init__(self.width.shape)

        def log_prob(self, value):
            x = self._validate_sample(value)
            return lucid.log((1 - x.abs() / self.width) / self.width)

    d = Triangular(lucid.tensor([1.0, 2.0]))
    np.testing.assert_allclose(d.log_prob(0.0).data, [0.0, -np.log(2)], 1e-6)
    assert d.expand((3, 2)).log_prob(0.0).shape == (3, 2)
    assert "Triangular: width must lie in" in refused(lambda: Triangular(-1.0))
    assert "Triangular: there is no cdf" in refused(lambda: d.cdf(0.0), UnimplementedError)
