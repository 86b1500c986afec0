"""`vmap`: where samples lie, random numbers, and what is refused."""

import warnings

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, GradError, IndexingError, ShapeError, StateError
from lucid.func import grad, level, vmap

x = lucid.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_dimensions():
    assert vmap(lambda x: x * 2, in_dims=1, out_dims=1)(x).shape == (2, 3)
    assert vmap(lambda x: x * 2, in_dims=-1)(x).shape == (3, 2)
    assert vmap(lambda x: (x, x.sum()), out_dims=(-1, 0))(x)[0].shape == (3, 2)
    assert vmap(lambda x: lucid.ones(3))(x).shape == (2, 3)


def test_chunks():
    whole = vmap(lambda x: x * x.sum(), in_dims=1, out_dims=1)(x)
    parts = vmap(lambda x: x * x.sum(), in_dims=1, out_dims=1, chunk_size=2)(x)
    assert lucid.equal(whole, parts)


def test_sees_one_sample():
    seen = []
    vmap(lambda x: seen.append((x.shape, x.ndim, len(x), x.size(0), x.numel())) or x)(x)
    assert seen == [((3,), 1, 3, 3, 3)]


def test_masks_and_indices_of_each_sample():
    index = lucid.tensor([[2, 0], [1, 1]])
    assert vmap(lambda x, i: x[i])(x, index).tolist() == [[3, 1], [5, 5]]
    assert vmap(lambda x: lucid.where(x > x.mean(), x, 0.0))(x).tolist() == [[0, 0, 3], [0, 0, 6]]


def test_targets_of_each_sample():
    scores, classes = lucid.randn(4, 3), lucid.tensor([0, 2, 1, 1])
    for loss in (lucid.nn.functional.cross_entropy, lucid.nn.functional.nll_loss):
        found = vmap(loss)(scores, classes)
        assert lucid.allclose(found, loss(scores, classes, reduction="none"))


def test_random_numbers():
    with pytest.raises(ArgumentError, match="randomness='different'"):
        vmap(lambda x: x + lucid.rand(3))(x)
    draw = vmap(lambda x: lucid.randn(3), randomness="different")(x)
    assert not lucid.equal(draw[0], draw[1])
    draw = vmap(lambda x: lucid.randn(3), randomness="same")(x)
    assert lucid.equal(draw[0], draw[1])


@pytest.mark.parametrize("drop", [lucid.nn.functional.dropout, lucid.nn.functional.dropout1d])
def test_dropout(drop):
    ones = lucid.ones(4, 64, 5)
    with pytest.raises(ArgumentError, match="random numbers"):
        vmap(drop)(ones)
    different = vmap(drop, randomness="different")(ones)
    assert not lucid.equal(different[0], different[1])
    same = vmap(drop, randomness="same")(ones)
    assert lucid.equal(same[0], same[1])
    assert set(np.unique(same.data)) == {0, 2}


def test_random_numbers_of_nested_samples():
    def twice(outer, inner):
        inside = vmap(lambda x: lucid.rand(()), randomness=inner)
        return vmap(lambda x: inside(x), randomness=outer)(x).data

    assert len(np.unique(twice("different", "different"))) == 6
    assert len(np.unique(twice("same", "different"))) == 3
    assert len(np.unique(twice("different", "same"))) == 2


def test_dropout_has_the_gradient_of_what_it_dropped():
    def slope(x):
        return grad(lambda x: lucid.nn.functional.dropout(x).sum())(x)

    kept = vmap(slope, randomness="different")(lucid.ones(3, 50))
    assert set(np.unique(kept.data)) == {0, 2}


def test_one_warning_names_what_loops():
    level._warned.clear()
    with pytest.warns(UserWarning, match="median_of_all has no batching rule"):
        assert vmap(lucid.median)(x).tolist() == [2, 5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vmap(lucid.median)(x)


def test_prints_what_a_sample_is():
    texts = []
    vmap(lambda a: texts.append(f"{a} {a!r}") or a)(x)
    assert texts == ["<2 lanes of float32[3]> Tensor(<2 lanes of float32[3]>)"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: vmap(lambda a, b: a)(x, x.T), ShapeError, "samples: 2 and 3"),
        (lambda: vmap(lambda a, b: a)(x, x.T), ShapeError, r"float32\[3, 2\]"),
        (lambda: vmap(lambda a: 1.0)(x), DTypeError, "return tensors.*not float"),
        (lambda: vmap(lambda a: None)(x), DTypeError, "not NoneType"),
        (lambda: vmap(lambda a: a, in_dims=2)(x), IndexingError, "in_dims=2.*2 dimensions"),
        (lambda: vmap(lambda a: a, in_dims=(0, 0))(x), ShapeError, r"in_dims: \(0, 0\)"),
        (lambda: vmap(lambda a: a, in_dims="0")(x), DTypeError, "integers and None"),
        (lambda: vmap(lambda a: a, in_dims=None)(x), ArgumentError, "no argument has samples"),
        (lambda: vmap(lambda a: a)(3.0), DTypeError, "no tensor but float"),
        (lambda: vmap(lambda a: a, out_dims=(0, 0))(x), ShapeError, "out_dims"),
        (lambda: vmap(lambda a: a, out_dims=5)(x), IndexingError, "out_dims=5"),
        (lambda: vmap(lambda a: a, randomness="no"), ArgumentError, "'error', 'different'"),
        (lambda: vmap(lambda a: a, chunk_size=0), ArgumentError, "chunk_size"),
        (lambda: vmap(lambda a: a if a.sum() > 0 else -a)(x), DTypeError, "lucid.where"),
        (lambda: vmap(lambda a: a * a.sum().item())(x), DTypeError, "plain number"),
        (lambda: vmap(lambda a: lucid.tensor(np.asarray(a.data)))(x), DTypeError, "array of plain"),
        (lambda: vmap(lambda a: a.add_(1))(x), GradError, "in place"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=f"(?s)^vmap: .*{words}"):
        call()


class Cube(lucid.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x**3 * w, x * w

    @staticmethod
    def backward(ctx, g, h):
        x, w = ctx.saved_tensors
        return g * 3 * x**2 * w + h * w, g * x**3 + h * x


def test_own_rules_within_and_around():
    point, w = lucid.tensor([1.0, 2.0, 3.0]), lucid.tensor(2.0)

    def total(x, w):
        first, second = Cube.apply(x, w)
        return first.sum() + second.sum()

    wanted = 6 * point**2 + 2
    assert lucid.equal(vmap(grad(total), in_dims=(0, None))(point, w), wanted)
    mapped = vmap(total, in_dims=(0, None))
    assert lucid.equal(grad(lambda x: mapped(x, w).sum())(point), wanted)
    assert grad(lambda w: mapped(point, w).sum())(w).item() == 1 + 8 + 27 + 6
    shared = vmap(lambda x, w: x * Cube.apply(w, w)[1], in_dims=(0, None))
    assert grad(lambda w: shared(point, w).sum())(w).item() == 24
    with pytest.raises(NotImplementedError, match="both within a vmap and around it"):
        grad(lambda x: vmap(grad(total), in_dims=(0, None))(x, w).sum())(point)


def test_backward_within():
    def slope(a, create_graph):
        a = a.detach().requires_grad_()
        return lucid.autograd.grad((a * a).sum(), a, create_graph=create_graph)[0]

    assert lucid.equal(vmap(lambda a: slope(a, True))(x), 2 * x)
    with pytest.raises(GradError, match="create_graph=True"):
        vmap(lambda a: slope(a, False))(x)
    with pytest.raises(GradError, match=r"lucid\.func\.grad"):
        vmap(lambda a: (a.detach().requires_grad_() ** 2).sum().backward())(x)


@pytest.mark.parametrize(
    "nest",
    [
        lambda f, call: grad(lambda x: call(f, x))(x[0]),
        lambda f, call: vmap(grad(lambda x: call(f, x)))(x),
        lambda f, call: grad(lambda x: call(lambda x: vmap(f)(x).sum(), x))(x),
        lambda f, call: grad(lambda x: vmap(lambda x: call(f, x))(x).sum())(x),
    ],
)
def test_checkpoints(nest):
    def curve(x):
        return (x.sin().exp() * x).sum()

    found = nest(curve, lucid.autograd.checkpoint.checkpoint)
    assert lucid.allclose(found, nest(curve, lambda f, x: f(x)))


def test_tensors_do_not_escape():
    kept = []
    vmap(lambda a: kept.append(a) or a)(x)
    with pytest.raises(StateError, match="vmap that has ended"):
        vmap(lambda a: a + kept[0])(x)


def test_inner_errors_speak_of_the_samples():
    with pytest.raises(ShapeError) as caught:
        vmap(lambda a: a @ lucid.ones(4))(x)
    assert any("2 samples" in note for note in getattr(caught.value, "__notes__", [])) or (
        "float32[3]" in str(caught.value)
    )
