"""CTC beside PyTorch's and beside the sum over all alignments; the adaptive softmax."""

import itertools

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, IndexingError, ShapeError

rng = np.random.default_rng(2)


def collapsed(path):
    kept = [c for i, c in enumerate(path) if i == 0 or c != path[i - 1]]
    return [c for c in kept if c != 0]


@pytest.mark.parametrize("label", [[], [1], [1, 1], [1, 2, 1]])
def test_the_sum_over_all_alignments(label):
    x = lucid.tensor(rng.standard_normal((5, 3))).log_softmax(-1)
    log = x.numpy()
    total = sum(
        np.exp(log[range(5), path].sum())
        for path in map(list, itertools.product(range(3), repeat=5))
        if collapsed(path) == label
    )
    loss = F.ctc_loss(x, lucid.tensor(label, dtype=lucid.int64), 5, len(label), reduction="sum")
    np.testing.assert_allclose(loss.item(), -np.log(total), rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("blank", [0, 2])
def test_beside_pytorch(blank, flat, reduction):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((12, 3, 6))
    others = [c for c in range(6) if c != blank]
    targets = rng.choice(others, (3, 4))
    targets[0, 1] = targets[0, 0]
    times, lengths = [12, 9, 10], [4, 2, 0]
    given = np.concatenate([row[:n] for row, n in zip(targets, lengths, strict=True)])
    given = given if flat else targets
    results = []
    for lib, function in ((lucid, F), (torch, torch.nn.functional)):
        scores = lib.tensor(x, requires_grad=True)
        loss = function.ctc_loss(
            scores.log_softmax(-1), lib.tensor(given), times, lengths, blank, reduction
        )
        (loss * loss).sum().backward()
        results.append((loss.detach().numpy(), scores.grad.numpy()))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-10)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-8, atol=1e-10)


def test_too_short_for_its_labels():
    x = lucid.tensor(rng.standard_normal((2, 2, 4)), requires_grad=True)
    targets = lucid.tensor([[1, 2, 3], [1, 0, 0]])
    arguments = (targets, [2, 2], [3, 1])
    assert np.isinf(F.ctc_loss(x, *arguments, reduction="none")[0].item())
    loss = nn.CTCLoss(zero_infinity=True, reduction="none")(x, *arguments)
    assert loss[0].item() == 0
    loss.sum().backward()
    assert not x.grad.numpy()[:, 0].any()
    assert np.isfinite(x.grad.numpy()).all()


def test_refusals():
    x = lucid.zeros(4, 2, 3)
    targets = lucid.tensor([[1], [1]])
    with pytest.raises(ArgumentError, match="input_lengths of sample 1 is 5"):
        F.ctc_loss(x, targets, [4, 5], [1, 1])
    with pytest.raises(IndexingError, match="label 3 of sample 1, at 0"):
        F.ctc_loss(x, lucid.tensor([[1], [3]]), [4, 4], [1, 1])
    with pytest.raises(ShapeError, match="one length for each of the 2"):
        F.ctc_loss(x, targets, [4], [1, 1])
    with pytest.raises(ShapeError, match="the lengths sum to 3"):
        F.ctc_loss(x, lucid.tensor([1, 1]), [4, 4], [1, 2])
    with pytest.raises(ArgumentError, match="blank must be a class"):
        F.ctc_loss(x, targets, [4, 4], [1, 1], blank=3)


@pytest.mark.parametrize("head_bias", [False, True])
def test_adaptive_softmax(head_bias):
    torch = pytest.importorskip("torch")
    options = {"cutoffs": [4, 9], "div_value": 2.0, "head_bias": head_bias}
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 20, **options).double()
    mine = nn.AdaptiveLogSoftmaxWithLoss(8, 20, **options).double()
    mine.load_state_dict({k: lucid.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x, t = rng.standard_normal((7, 8)), np.array([0, 3, 4, 8, 9, 19, 1])
    a, b = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    here, there = mine(a, lucid.tensor(t)), theirs(b, torch.tensor(t))
    np.testing.assert_allclose(here.output.detach().numpy(), there.output.detach().numpy())
    here.loss.backward()
    there.loss.backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-9, atol=1e-12)
    others = dict(theirs.named_parameters())
    for name, parameter in mine.named_parameters():
        other = others[name].grad.numpy()
        np.testing.assert_allclose(parameter.grad.numpy(), other, rtol=1e-9, atol=1e-12)
    log_prob = theirs.log_prob(b).detach().numpy()
    np.testing.assert_allclose(mine.log_prob(a).detach().numpy(), log_prob, rtol=1e-9)
    np.testing.assert_array_equal(mine.predict(a).numpy(), theirs.predict(b).numpy())
    assert mine(a[0], lucid.tensor(3)).output.shape == ()
    with pytest.raises(IndexingError, match="target 20 of sample 1"):
        mine(a[:2], lucid.tensor([0, 20]))
    with pytest.raises(ArgumentError, match="cutoffs"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[9, 4])
