"""Random numbers: the same seed gives the same stream, and streams have the right law."""

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
        (lambda: lucid.zeros(2, dtype="int64").normal_(), DTypeError, "floating"),
        (lambda: lucid.zeros(2).expand(3, 2).normal_(), ArgumentError, "written"),
        (lambda: lucid.zeros(2, requires_grad=True).normal_(), GradError, "no_grad"),
        (lambda: lucid.Generator(0, device="cuda"), ArgumentError, "CPU"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call()
