"""Random numbers: the same seed gives the same stream, and streams have the right law."""

import importlib.util
import math
import threading

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError, StateError
from lucid.kernels import jit

DRAWS = {
    "rand": lambda g: lucid.rand(3, 4, generator=g),
    "randn": lambda g: lucid.randn(3, 4, generator=g),
    "randint": lambda g: lucid.randint(100, (7,), generator=g),
    "randperm": lambda g: lucid.randperm(9, generator=g),
    "normal": lambda g: lucid.normal(1.0, 2.0, (5,), generator=g),
    "bernoulli": lambda g: lucid.bernoulli(lucid.full((20,), 0.5), generator=g),
    "multinomial": lambda g: lucid.ones(9).multinomial(4, generator=g),
    "multinomial with replacement": lambda g: lucid.ones(9).multinomial(20, True, generator=g),
    "poisson": lambda g: lucid.poisson(lucid.full((20,), 3.0), generator=g),
    "uniform_": lambda g: lucid.empty(5).uniform_(-1, 1, generator=g),
    "normal_": lambda g: lucid.empty(5).normal_(generator=g),
    "bernoulli_": lambda g: lucid.empty(20).bernoulli_(0.3, generator=g),
    "exponential_": lambda g: lucid.empty(5).exponential_(generator=g),
    "binomial": lambda g: lucid.binomial(
        lucid.full((20,), 9.0), lucid.full((1,), 0.4), generator=g
    ),
    "cauchy_": lambda g: lucid.empty(5).cauchy_(generator=g),
    "log_normal_": lambda g: lucid.empty(5).log_normal_(generator=g),
    "geometric_": lambda g: lucid.empty(20).geometric_(0.3, generator=g),
    "random_": lambda g: lucid.empty(5).random_(100, generator=g),
    "rand_like": lambda g: lucid.rand_like(lucid.empty(5), generator=g),
    "randn_like": lambda g: lucid.randn_like(lucid.empty(5), generator=g),
    "randint_like": lambda g: lucid.randint_like(lucid.empty(5), 100, generator=g),
}


# ---- streams --------------------------------------------------------------------------


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_one_seed_one_stream(draw):
    first, second, other = (draw(lucid.Generator(seed)).data for seed in (7, 7, 8))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_default_generator_is_seeded_by_manual_seed(draw):
    lucid.manual_seed(3)
    first = draw(None).data
    lucid.manual_seed(3)
    assert first.tobytes() == draw(None).data.tobytes()
    assert first.tobytes() == draw(lucid.Generator(3)).data.tobytes()


def test_streams_do_not_change_between_versions():
    generator = lucid.Generator(0)
    assert lucid.randint(1000, (5,), generator=generator).tolist() == [497, 849, 339, 554, 957]
    expected = [0.0755223, 0.2547015, 0.3353873]
    np.testing.assert_allclose(lucid.rand(3, generator=generator).data, expected, rtol=1e-6)


def test_state_returns_to_where_the_stream_stood():
    generator = lucid.Generator(1)
    lucid.rand(1, generator=generator)  # leaves half a word in the generator's buffer
    state = generator.get_state()
    assert state.dtype == np.uint64
    expected = lucid.randn(5, generator=generator).data
    other = lucid.Generator(99)
    other.set_state(lucid.tensor(state))  # a tensor serves too: that is how it is saved
    assert other.initial_seed() == 1
    np.testing.assert_array_equal(lucid.randn(5, generator=other).data, expected)


def test_module_level_state():
    state = lucid.get_rng_state()
    first = lucid.rand(3).data
    lucid.set_rng_state(state)
    np.testing.assert_array_equal(lucid.rand(3).data, first)


def test_a_fork_leaves_the_stream_where_it_stood():
    lucid.manual_seed(5)
    expected = lucid.rand(3).tolist()
    lucid.manual_seed(5)
    with lucid.fork_rng():
        lucid.manual_seed(6)
        lucid.rand(100)
    assert lucid.initial_seed() == 5
    with pytest.raises(ArgumentError, match="fork_rng"), lucid.fork_rng([0]):
        pass
    with lucid.fork_rng(enabled=False):
        assert lucid.rand(3).tolist() == expected
    assert lucid.rand(3).tolist() != expected


def test_seeds():
    generator = lucid.Generator()
    drawn = generator.seed()
    assert generator.initial_seed() == drawn
    assert repr(lucid.Generator(5)) == "Generator(seed=5)"
    assert lucid.Generator(-1).initial_seed() == 2**64 - 1
    assert lucid.seed() == lucid.initial_seed()
    assert lucid.manual_seed(4) is lucid.default_generator
    with pytest.raises(DTypeError, match="integer"):
        lucid.manual_seed(1.5)
    with pytest.raises(ArgumentError, match="64 bits"):
        lucid.manual_seed(1 << 64)
    assert lucid.initial_seed() == 4  # a refused seed changes nothing


def test_manual_seed_settles_the_kernels(monkeypatch):
    monkeypatch.setattr(jit, "policy", jit._Policy())
    lucid.manual_seed(0)
    assert jit.policy.settled


@pytest.mark.parametrize("state", [np.zeros(6, np.uint64), np.zeros(7), [1, 2]])
def test_a_wrong_state_is_refused(state):
    with pytest.raises(StateError, match="seven words"):
        lucid.Generator(0).set_state(state)


def test_children_are_fixed_by_the_parent_and_differ():
    children = [lucid.Generator(3).spawn(3) for _ in range(2)]
    streams = [[lucid.rand(4, generator=g).tolist() for g in group] for group in children]
    assert streams[0] == streams[1]
    assert len({tuple(stream) for stream in streams[0]}) == 3
    with pytest.raises(ArgumentError):
        lucid.Generator(0).spawn(-1)


def test_threads_share_a_generator_without_repeating_numbers():
    generator, found = lucid.Generator(0), []

    def work():
        found.extend(lucid.rand(1000, generator=generator, dtype="float64").tolist())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = lucid.rand(4000, generator=lucid.Generator(0), dtype="float64").tolist()
    assert sorted(found) == sorted(alone)


# ---- laws -----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_uniform_numbers(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    x = lucid.rand(20000, dtype=dtype, generator=lucid.Generator(0))
    assert x.dtype.name == dtype
    values = x.data.astype(np.float64)
    assert values.min() >= 0
    assert values.max() < 1
    assert abs(values.mean() - 0.5) < 0.01
    assert abs(values.var() - 1 / 12) < 0.005


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_normal_numbers(dtype):
    x = lucid.randn(20000, dtype=dtype, generator=lucid.Generator(0))
    assert x.dtype.name == dtype
    values = x.data.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    assert abs(values.mean()) < 0.03
    assert abs((np.abs(values) ** 2).mean() - 1) < 0.03


def test_whole_numbers_and_orders():
    x = lucid.randint(-2, 3, (1000,), generator=lucid.Generator(0))
    assert set(x.tolist()) == {-2, -1, 0, 1, 2}
    assert lucid.randint(5, (2,), dtype=lucid.float32).dtype == lucid.float32
    assert sorted(lucid.randperm(50).tolist()) == list(range(50))
    assert lucid.randperm(0).shape == (0,)


def test_normal_takes_tensors():
    means = lucid.tensor([0.0, 100.0])
    x = lucid.normal(means, lucid.tensor([[1.0], [0.0]]))
    assert x.shape == (2, 2)
    assert x.tolist()[1] == [0.0, 100.0]
    assert lucid.normal(means.double(), 1.0).dtype == lucid.float64


def test_bernoulli_and_poisson():
    p = lucid.full((20000,), 0.3, dtype=lucid.float64)
    x = lucid.bernoulli(p, generator=lucid.Generator(0))
    assert x.dtype == lucid.float64
    assert set(x.tolist()) == {0.0, 1.0}
    assert abs(x.data.mean() - 0.3) < 0.01
    assert lucid.bernoulli(lucid.zeros(3), 1.0).tolist() == [1, 1, 1]
    counts = lucid.poisson(p * 10, generator=lucid.Generator(0)).data
    assert abs(counts.mean() - 3) < 0.05


def test_multinomial_follows_the_weights():
    weights = lucid.tensor([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    x = weights.multinomial(20000, True, generator=lucid.Generator(0)).data
    assert x.shape == (2, 20000)
    assert abs((x[0] == 2).mean() - 0.75) < 0.01
    assert set(x[0]) == {0, 2}
    assert set(x[1]) == {1}
    first = [
        lucid.tensor([1.0, 3.0]).multinomial(2, generator=g).tolist()
        for g in lucid.Generator(0).spawn(2000)
    ]
    assert all(sorted(order) == [0, 1] for order in first)
    assert abs(np.mean([order[0] for order in first]) - 0.75) < 0.04


def test_fills():
    x = lucid.empty(20000)
    assert x.uniform_(5, 6) is x
    assert 5 <= x.data.min() < 5.01
    assert 5.99 < x.data.max() < 6
    x.normal_(3.0, 2.0)
    assert abs(x.data.mean() - 3) < 0.1
    assert abs(x.data.std() - 2) < 0.1
    x.exponential_(2.0)
    assert abs(x.data.mean() - 0.5) < 0.02
    x.bernoulli_(lucid.tensor(0.25))
    assert abs(x.data.mean() - 0.25) < 0.02
    assert set(lucid.empty(100, dtype="bool").random_().tolist()) == {True, False}
    assert lucid.empty(100, dtype="int8").random_().data.min() >= 0
    assert lucid.empty(100).random_(2, 4).data.min() == 2


COUNT = 20000
LAWS = {  # a draw of COUNT numbers, and the distribution function they follow
    "rand": (lambda x, g: lucid.rand(COUNT, generator=g), lambda v: v),
    "randn": (lambda x, g: lucid.randn(COUNT, generator=g), lambda v: normal_cdf(v)),
    "normal": (
        lambda x, g: lucid.normal(x * 0 + 3, 2.0, generator=g),
        lambda v: normal_cdf(v, 3, 2),
    ),
    "uniform_": (lambda x, g: x.uniform_(-2, 3, generator=g), lambda v: (v + 2) / 5),
    "normal_": (lambda x, g: x.normal_(-1, 0.5, generator=g), lambda v: normal_cdf(v, -1, 0.5)),
    "exponential_": (lambda x, g: x.exponential_(2.0, generator=g), lambda v: 1 - np.exp(-2 * v)),
    "cauchy_": (
        lambda x, g: x.cauchy_(1.0, 3.0, generator=g),
        lambda v: 0.5 + np.arctan((v - 1) / 3) / np.pi,
    ),
    "log_normal_": (
        lambda x, g: x.log_normal_(0.5, 2.0, generator=g),
        lambda v: normal_cdf(np.log(v), 0.5, 2),
    ),
}


def normal_cdf(v, mean=0.0, std=1.0):
    z = lucid.tensor((v - mean) / (std * 2**0.5))
    return 0.5 * (1 + lucid.erf(z).numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAWS)
def test_kolmogorov_and_smirnov_find_the_law(name, dtype):
    draw, law = LAWS[name]
    x = draw(lucid.ones(COUNT, dtype=dtype), lucid.Generator(0))
    heights = law(np.sort(x.numpy().astype(np.float64)))
    steps = np.arange(COUNT + 1) / COUNT
    distance = max(np.abs(heights - steps[1:]).max(), np.abs(heights - steps[:-1]).max())
    assert distance < 1.63 / COUNT**0.5  # exceeded by one fair stream in a hundred


COUNTS = {  # a draw of whole numbers, and the probability of each
    "binomial": (
        lambda x, g: lucid.binomial(x * 0 + 5, x * 0 + 0.3, generator=g),
        lambda k: math.comb(5, k) * 0.3**k * 0.7 ** (5 - k),
        range(6),
    ),
    "poisson": (
        lambda x, g: lucid.poisson(x * 0 + 2, generator=g),
        lambda k: math.exp(-2) * 2**k / math.factorial(k),
        range(8),
    ),
    "geometric_": (
        lambda x, g: x.geometric_(0.4, generator=g),
        lambda k: 0.6 ** (k - 1) * 0.4,
        range(1, 9),
    ),
    "bernoulli_": (lambda x, g: x.bernoulli_(0.3, generator=g), lambda k: (0.7, 0.3)[k], range(2)),
    "random_": (lambda x, g: x.random_(2, 6, generator=g), lambda k: 0.25, range(2, 6)),
    "randint": (lambda x, g: lucid.randint(4, (COUNT,), generator=g), lambda k: 0.25, range(4)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_whole_numbers_come_as_often_as_they_should(name):
    draw, probability, values = COUNTS[name]
    x = draw(lucid.ones(COUNT), lucid.Generator(0)).numpy()
    for k in values:
        p = probability(k)
        assert abs((x == k).mean() - p) < 3.5 * (p * (1 - p) / COUNT) ** 0.5, k
    assert np.isin(x, values).mean() > 0.98


def test_binomial_takes_shapes_that_broadcast():
    count = lucid.tensor([[3.9], [0.0]], dtype=lucid.float64)
    x = lucid.binomial(count, lucid.tensor([0.0, 1.0, 1.0], dtype=lucid.float64))
    assert x.tolist() == [[0, 3, 3], [0, 0, 0]]
    assert x.dtype == lucid.float64


def test_fills_of_other_dtypes():
    whole = lucid.empty(1000, dtype=lucid.uint8).random_()
    assert 245 < whole.data.max() <= 255
    assert lucid.empty(3, dtype=lucid.int64).geometric_(0.5).data.min() >= 1
    z = lucid.empty(20000, dtype=lucid.complex64).normal_(1.0, 2.0, generator=lucid.Generator(0))
    assert abs(z.data.mean() - 1) < 0.05
    assert abs((np.abs(z.data - 1) ** 2).mean() - 4) < 0.1
    if importlib.util.find_spec("ml_dtypes"):
        assert lucid.empty(3, dtype="bfloat16").random_().data.max() < 257


def test_what_is_filled_has_a_gradient_of_zero():
    x = lucid.ones(3, requires_grad=True)
    y = x * 2
    y[:2].uniform_()
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 2]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_uniform_fill_stays_below_its_bound(dtype):
    x = lucid.empty(200000, dtype=dtype).uniform_(100.0, 100.5)
    assert x.data.max() < 100.5


def test_a_fill_counts_as_a_change_in_place():
    x = lucid.zeros(3)
    x.normal_()
    assert x._version == 1


# ---- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: lucid.rand(-1), ShapeError, "negative"),
        (lambda: lucid.rand(2.5), DTypeError, "integers"),
        (lambda: lucid.rand(2, dtype="int64"), DTypeError, "randint"),
        (lambda: lucid.randn(2, device="cuda"), ArgumentError, "cpu"),
        (lambda: lucid.randint(3, 3, (1,)), ArgumentError, "low must be less"),
        (lambda: lucid.randint(3), ArgumentError, "size"),
        (lambda: lucid.normal(0.0, -1.0, (2,)), ArgumentError, "std"),
        (lambda: lucid.bernoulli(lucid.tensor([1.5])), ArgumentError, r"\[0, 1\]"),
        (lambda: lucid.bernoulli(lucid.tensor([np.nan])), ArgumentError, r"\[0, 1\]"),
        (lambda: lucid.poisson(lucid.tensor([-1.0])), ArgumentError, "negative"),
        (lambda: lucid.ones(2, 2, 2).multinomial(1), ShapeError, "dimensions"),
        (lambda: lucid.tensor([1.0, 0.0]).multinomial(2), ArgumentError, "replacement"),
        (lambda: lucid.zeros(2).multinomial(1, True), ArgumentError, "weight above zero"),
        (lambda: lucid.tensor([-1.0]).multinomial(1), ArgumentError, "not negative"),
        (lambda: lucid.zeros(2).uniform_(1, 0), ArgumentError, "exceed"),
        (lambda: lucid.zeros(2).normal_(0, -1), ArgumentError, "std"),
        (lambda: lucid.zeros(2).exponential_(0), ArgumentError, "positive"),
        (lambda: lucid.zeros(2).cauchy_(0, -1), ArgumentError, "sigma must be positive"),
        (lambda: lucid.zeros(2, dtype="int64").cauchy_(), DTypeError, "cauchy_: fills floating"),
        (lambda: lucid.zeros(2).log_normal_(0, 0), ArgumentError, "std must be positive"),
        (lambda: lucid.zeros(2).geometric_(1.0), ArgumentError, "between 0 and 1"),
        (lambda: lucid.zeros(2, dtype="uint8").random_(300), ArgumentError, "fit into uint8"),
        (lambda: lucid.zeros(2, dtype="uint8").random_(-1, 3), ArgumentError, "fit into uint8"),
        (lambda: lucid.binomial(lucid.ones(2), lucid.tensor([2.0])), ArgumentError, r"\[0, 1\]"),
        (lambda: lucid.binomial(-lucid.ones(2), lucid.zeros(2)), ArgumentError, "not negative"),
        (lambda: lucid.binomial(lucid.ones(2), lucid.zeros(3)), ShapeError, "broadcast"),
        (lambda: lucid.binomial(lucid.tensor([1]), lucid.zeros(1)), DTypeError, "one floating"),
        (lambda: lucid.zeros(2, dtype="int64").normal_(), DTypeError, "floating"),
        (lambda: lucid.zeros(2).expand(3, 2).normal_(), ArgumentError, "written"),
        (lambda: lucid.zeros(2, requires_grad=True).normal_(), GradError, "no_grad"),
        (lambda: lucid.Generator(0, device="cuda"), ArgumentError, "CPU"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call()
