"""Losses of classes, rankings, embeddings and counts beside PyTorch's, over their options."""

import itertools

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

FLAGS = list(itertools.product([False, True], repeat=2))
SINGLE = 1e-8  # where a constant of 1e-12 decides, which is of single precision in PyTorch
REDUCTIONS = ["mean", "sum", "none"]
rng = np.random.default_rng(3)


def both(name, arrays, *, grads=1, reduction="mean", rtol=1e-9, **options):
    """One loss here and in PyTorch: values, and gradients to the first `grads` operands."""
    torch = pytest.importorskip("torch")

    def run(lib, nn_, as_tensor):
        tensors = [as_tensor(a) for a in arrays]
        for t in tensors[:grads]:
            t.requires_grad = True
        made = {k: as_tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
        loss = getattr(nn_, name)(reduction=reduction, **made)(*tensors)
        (loss * loss).sum().backward()
        return loss.detach().numpy(), [t.grad.numpy() for t in tensors[:grads]]

    here = run(lucid, nn, lambda a: lucid.tensor(a.copy()))
    there = run(torch, torch.nn, lambda a: torch.tensor(a.copy()))
    np.testing.assert_allclose(here[0], there[0], rtol=1e-10, atol=1e-12, equal_nan=True)
    for mine, theirs in zip(here[1], there[1], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=1e-12)


# ---- classes --------------------------------------------------------------------------

SHAPES = [((6, 4), (6,)), ((2, 4, 3), (2, 3)), ((2, 4, 2, 3), (2, 2, 3)), ((4,), ())]


def labels(shape, count=4, ignored=()):
    classes = rng.integers(0, count, shape)
    return np.where(rng.random(shape) < 0.2, ignored[0], classes) if ignored else classes


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("shape", "targets"), SHAPES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("ignore", [-100, 1, -1])
def test_cross_entropy(shape, targets, weighted, smoothing, ignore, reduction):
    target = labels(targets, ignored=(ignore,) if targets else ())
    if not targets:
        target = np.asarray(2)
    both(
        "CrossEntropyLoss",
        [rng.standard_normal(shape) * 3, target],
        reduction=reduction,
        weight=rng.uniform(0.2, 2, 4) if weighted else None,
        label_smoothing=smoothing,
        ignore_index=ignore,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_of_probabilities(shape, weighted, smoothing, reduction):
    both(
        "CrossEntropyLoss",
        [rng.standard_normal(shape), rng.uniform(0, 1, shape)],
        grads=2,
        reduction=reduction,
        weight=rng.uniform(0.2, 2, 4) if weighted else None,
        label_smoothing=smoothing,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("shape", "targets"), SHAPES)
@pytest.mark.parametrize("weighted", [False, True])
def test_nll(shape, targets, weighted, reduction):
    target = labels(targets, ignored=(-100,)) if targets else np.asarray(2)
    both(
        "NLLLoss",
        [rng.standard_normal(shape), target],
        reduction=reduction,
        weight=rng.uniform(0.2, 2, 4) if weighted else None,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("size", [(3, 5), (700, 900)])
def test_cross_entropy_in_single_and_half(size, dtype):
    torch = pytest.importorskip("torch")
    x = (rng.standard_normal(size) * 4).astype(dtype)
    t = rng.integers(0, size[1], size[0])
    t[1] = -100
    weight = rng.uniform(0.5, 2, size[1]).astype(np.float32)
    mine = lucid.tensor(x, requires_grad=True)
    wide = torch.tensor(x.astype(np.float64), requires_grad=True)
    loss = F.cross_entropy(mine, lucid.tensor(t), lucid.tensor(weight), label_smoothing=0.1)
    exact = torch.nn.functional.cross_entropy(
        wide, torch.tensor(t), torch.tensor(weight).double(), label_smoothing=0.1
    )
    (loss * 3).backward()
    (exact * 3).backward()
    assert loss.dtype == dtype
    rtol = 1e-3 if dtype == np.float16 else 2e-6
    np.testing.assert_allclose(loss.item(), exact.item(), rtol=rtol)
    atol = 1e-7 if dtype == np.float16 else 1e-9
    np.testing.assert_allclose(mine.grad.numpy(), wide.grad.numpy(), rtol=rtol * 3, atol=atol)


def test_cross_entropy_of_extreme_scores():
    x = lucid.Tensor([[1e4, -1e4, 0.0], [-np.inf, 0.0, 0.0]], requires_grad=True)
    loss = F.cross_entropy(x, lucid.tensor([0, 1]))
    loss.backward()
    np.testing.assert_allclose(loss.item(), np.log(2) / 2, rtol=1e-6)
    np.testing.assert_allclose(x.grad.numpy(), [[0, 0, 0], [0, -0.25, 0.25]], atol=1e-7)


def test_no_sample_that_counts():
    x = lucid.Tensor([[np.inf, 0.0]], requires_grad=True)
    loss = F.cross_entropy(x, lucid.tensor([-100]), reduction="sum")
    loss.backward()
    assert loss.item() == 0
    assert not x.grad.numpy().any()
    assert np.isnan(F.cross_entropy(x, lucid.tensor([-100])).item())
    assert np.isnan(F.nll_loss(lucid.zeros(0, 3), lucid.zeros(0, dtype=lucid.int64)).item())


@pytest.mark.parametrize("function", [F.cross_entropy, F.nll_loss, F.multi_margin_loss])
def test_a_target_outside_names_its_sample(function):
    with pytest.raises(IndexingError, match=r"target 3 of sample 2 is no class: there are 3"):
        function(lucid.zeros(4, 3), lucid.tensor([0, 1, 3, 0]))
    with pytest.raises(DTypeError, match="whole numbers"):
        function(lucid.zeros(4, 3), lucid.tensor([0.0, 1.0, 3.0, 0.0]))
    with pytest.raises(ShapeError, match=r"target\.squeeze\(-1\)"):
        function(lucid.zeros(4, 3), lucid.zeros(4, 1, dtype=lucid.int64))
    with pytest.raises(ShapeError, match="each of the 3 classes"):
        function(lucid.zeros(1, 3), lucid.tensor([0]), weight=lucid.ones(2))
    with pytest.raises(ArgumentError, match="'average'"):
        function(lucid.zeros(1, 3), lucid.tensor([0]), reduction="average")


def test_other_refusals_of_classes():
    target = np.zeros((2, 2, 3), np.int64)
    target[1, 0, 2] = -7
    with pytest.raises(IndexingError, match=r"sample 1, at \(1, 0, 2\)"):
        F.cross_entropy(lucid.zeros(2, 4, 2, 3), lucid.tensor(target))
    with pytest.raises(ShapeError, match="movedim"):
        F.cross_entropy(lucid.zeros(2, 3, 5), lucid.zeros(2, 3, dtype=lucid.int64))
    with pytest.raises(ArgumentError, match="label_smoothing"):
        nn.CrossEntropyLoss(label_smoothing=1.5)
    with pytest.raises(IndexingError, match="of sample 1, at"):
        F.multilabel_margin_loss(lucid.zeros(2, 2), lucid.tensor([[0, -1], [2, -1]]))


def test_weights_are_state():
    loss = nn.CrossEntropyLoss(lucid.ones(3))
    assert list(loss.state_dict()) == ["weight"]
    assert repr(loss) == (
        "CrossEntropyLoss(ignore_index=-100, label_smoothing=0.0, reduction='mean')"
    )


# ---- margins of classes ---------------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("p", "margin"), [(1, 1.0), (2, 0.4)])
@pytest.mark.parametrize(("shape", "targets"), [((6, 4), (6,)), ((4,), ())])
@pytest.mark.parametrize("weighted", [False, True])
def test_multi_margin(shape, targets, weighted, p, margin, reduction):
    weight = rng.uniform(0.2, 2, 4) if weighted else None
    target = np.asarray(labels(targets))
    options = {"p": p, "margin": margin, "weight": weight}
    both("MultiMarginLoss", [rng.standard_normal(shape), target], reduction=reduction, **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    "target",
    [[[3, 0, -1, 1], [-1, 0, 1, 2], [2, 2, 1, -1]], [0, 3, -1, -1], [[-1] * 4] * 3, [[0, 1, 2, 3]]],
)
def test_multilabel_margin(target, reduction):
    target = np.array(target)
    both("MultiLabelMarginLoss", [rng.standard_normal(target.shape), target], reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_multilabel_soft_margin(weighted, reduction):
    arrays = [rng.standard_normal((5, 4)), rng.integers(0, 2, (5, 4)).astype(float)]
    weight = rng.uniform(0.2, 2, 4) if weighted else None
    both("MultiLabelSoftMarginLoss", arrays, reduction=reduction, weight=weight)


# ---- yes and no -----------------------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_binary_cross_entropy(weighted, reduction):
    weight = rng.uniform(0.2, 2, 4) if weighted else None
    x = rng.uniform(0, 1, (5, 4))
    x[0], t = [0, 1, 0, 1], rng.uniform(0, 1, (5, 4))
    t[0] = [0, 1, 0.5, 0]
    both("BCELoss", [x, t], rtol=SINGLE, reduction=reduction, weight=weight)
    both("BCELoss", [x[1:], t[1:]], grads=2, reduction=reduction, weight=weight)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weighted", "positive"), FLAGS)
def test_binary_cross_entropy_with_logits(weighted, positive, reduction):
    x, t = rng.standard_normal((5, 4)) * 5, rng.uniform(0, 1, (5, 4))
    x[0] = [0, 800, -800, 40]
    both(
        "BCEWithLogitsLoss",
        [x, t],
        grads=2,
        reduction=reduction,
        weight=rng.uniform(0.2, 2, 4) if weighted else None,
        pos_weight=rng.uniform(0.2, 2, 4) if positive else None,
    )


@pytest.mark.parametrize("size", [5, 70_000])
def test_binary_cross_entropy_in_single(size):
    x, t = rng.standard_normal(size) * 10, rng.uniform(0, 1, size)
    x[:3] = [300, -300, 0]
    results = []
    for dtype in (np.float32, np.float64):
        a = lucid.tensor(x.astype(np.float32).astype(dtype), requires_grad=True)
        b = lucid.tensor(t.astype(np.float32).astype(dtype), requires_grad=True)
        loss = F.binary_cross_entropy_with_logits(a, b)
        (loss * 2).backward()
        results.append((loss.item(), a.grad.numpy() * size, b.grad.numpy() * size))
    for narrow, wide in zip(*results, strict=True):
        np.testing.assert_allclose(narrow, wide, rtol=2e-6, atol=1e-6)


def test_what_is_no_probability_is_named():
    with pytest.raises(ArgumentError, match=r"sample 1 is none(.|\n)*with_logits"):
        F.binary_cross_entropy(lucid.tensor([0.5, 1.5]), lucid.tensor([1.0, 0.0]))
    with pytest.raises(ShapeError, match=r"input\.squeeze\(-1\)"):
        F.binary_cross_entropy_with_logits(lucid.zeros(3, 1), lucid.zeros(3))


# ---- distributions --------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:reduction:UserWarning")  # PyTorch's, of a mean
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
def test_kl_div(log_target, reduction):
    t = rng.uniform(0, 1, (5, 4))
    t[0, 0] = 0
    t = np.log(t + 0.1) if log_target else t
    x = np.log(rng.uniform(0.1, 1, (5, 4)))
    both("KLDivLoss", [x, t], reduction=reduction, log_target=log_target)
    both("KLDivLoss", [x[1:], t[1:]], grads=2, reduction=reduction, log_target=log_target)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(5, 4), (5,), (5, 1)])
def test_gaussian_nll(shape, full, reduction):
    var = rng.uniform(0.1, 2, shape)
    var[0] = 0
    arrays = [rng.standard_normal((5, 4)), rng.standard_normal((5, 4)), var]
    both("GaussianNLLLoss", arrays, grads=3, reduction=reduction, full=full, eps=0.01)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("log_input", "full"), FLAGS)
def test_poisson_nll(log_input, full, reduction):
    arrays = [rng.uniform(0, 3, (5, 4)), rng.integers(0, 6, (5, 4)).astype(float)]
    both("PoissonNLLLoss", arrays, reduction=reduction, log_input=log_input, full=full)


def test_a_negative_variance_is_named():
    with pytest.raises(ArgumentError, match="sample 1"):
        F.gaussian_nll_loss(lucid.zeros(2), lucid.zeros(2), lucid.tensor([1.0, -1.0]))
    with pytest.raises(ShapeError, match="var must have"):
        F.gaussian_nll_loss(lucid.zeros(2, 3), lucid.zeros(2, 3), lucid.ones(3))


# ---- rankings and embeddings ----------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_margins_of_signs(margin, reduction):
    x, y = rng.standard_normal((2, 6))
    x[0] = y[0]  # at the kink
    sign = np.array([1.0, -1, 1, -1, 1, 1])
    both("MarginRankingLoss", [x, y, sign], grads=2, reduction=reduction, margin=margin)
    sign[4] = 0.0  # neither alike nor unlike
    both("HingeEmbeddingLoss", [x, sign], reduction=reduction, margin=margin)
    both("SoftMarginLoss", [x, sign], reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_cosine_embedding(margin, reduction):
    x, y = rng.standard_normal((2, 5, 3))
    x[0] = 0
    sign = np.array([1, -1, 1, -1, 1])
    options = {"grads": 2, "rtol": SINGLE, "margin": margin}
    both("CosineEmbeddingLoss", [x, y, sign], reduction=reduction, **options)
    both("CosineEmbeddingLoss", [x[1], y[1], np.array(-1)], **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("p", "swap", "margin"), [(2.0, False, 1.0), (1.0, True, 0.4), (3, True, 2)]
)
def test_triplets(p, swap, margin, reduction):
    arrays = list(rng.standard_normal((3, 5, 4)))
    options = {"margin": margin, "swap": swap, "reduction": reduction}
    both("TripletMarginLoss", arrays, grads=3, p=p, **options)
    both("TripletMarginLoss", [a[0] for a in arrays], grads=3, p=p, **options)
    distance = lambda x, y: ((x - y) ** 2).sum(-1)  # noqa: E731
    for function in (None, distance):
        both(
            "TripletMarginWithDistanceLoss",
            arrays,
            grads=3,
            distance_function=function,
            **options,
        )


def test_refusals_of_embeddings():
    x = lucid.zeros(2, 3)
    with pytest.raises(ArgumentError, match="margin must be positive"):
        F.triplet_margin_loss(x, x, x, margin=0.0)
    with pytest.raises(ShapeError, match="equally many dimensions"):
        F.triplet_margin_loss(x, x, x[0])
    with pytest.raises(ShapeError, match="targets"):
        F.cosine_embedding_loss(x, x, lucid.zeros(2, 1))
