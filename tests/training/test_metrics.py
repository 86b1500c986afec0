"""Metrics: batch by batch the same as scikit-learn at once."""

import math

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.training import (
    AUC,
    F1,
    MAE,
    R2,
    RMSE,
    Accuracy,
    Metric,
    accuracy,
    auc,
    f1,
    mae,
    r2,
    rmse,
)
from lucid.training.metric import FunctionMetric, resolve
from lucid.training.names import KNOWN

measures = pytest.importorskip("sklearn.metrics")


def streamed(metric, output, target, batch=7):
    for i in range(0, len(output), batch):
        part = slice(i, i + batch)
        metric.update(lucid.tensor(output[part]), lucid.tensor(target[part]))
    return metric.compute()


@pytest.fixture
def regression():
    rng = np.random.default_rng(0)
    target = rng.normal(1e4, 3.0, (50, 3))  # a large mean, where sums of squares lose digits
    return target + rng.normal(0, 2.0, target.shape), target


@pytest.fixture
def classes():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(60, 4))
    return scores, rng.integers(0, 4, 60)


def test_regression(regression):
    output, target = regression
    flat = output.ravel(), target.ravel()
    assert streamed(MAE(), output, target) == pytest.approx(
        measures.mean_absolute_error(target, output), rel=1e-12
    )
    assert streamed(RMSE(), *flat) == pytest.approx(
        measures.root_mean_squared_error(flat[1], flat[0]), rel=1e-12
    )
    assert streamed(R2(), output, target) == pytest.approx(
        measures.r2_score(target, output), rel=1e-9
    )
    assert streamed(R2(), *flat) == pytest.approx(measures.r2_score(flat[1], flat[0]), rel=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_r2_of_constant_targets(shift):
    target = np.ones(10)
    expected = measures.r2_score(target, target + shift)
    assert streamed(R2(), target + shift, target) == expected


def test_nothing_gives_nan():
    assert all(math.isnan(KNOWN[name]().compute()) for name in KNOWN)
    assert math.isnan(r2(lucid.tensor([1.0]), lucid.tensor([1.0])))
    assert math.isnan(auc(lucid.tensor([0.1, 0.2]), lucid.tensor([1, 1])))


def test_accuracy(classes):
    scores, target = classes
    expected = measures.accuracy_score(target, scores.argmax(1))
    assert streamed(Accuracy(), scores, target) == pytest.approx(expected)
    assert streamed(Accuracy(), scores.argmax(1), target) == pytest.approx(expected)
    kept = target != 3
    expected = measures.accuracy_score(target[kept], scores.argmax(1)[kept])
    assert streamed(Accuracy(ignore_index=3), scores, target) == pytest.approx(expected)


def test_accuracy_over_pixels():
    scores = np.random.default_rng(0).normal(size=(5, 3, 4, 4))
    target = scores.argmax(1)
    assert streamed(Accuracy(), scores, target, 2) == 1.0


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_f1_of_several_classes(classes, average):
    scores, target = classes
    expected = measures.f1_score(target, scores.argmax(1), average=average)
    assert streamed(F1(average), scores, target) == pytest.approx(expected, rel=1e-12)
    target = np.where(target == 2, 0, target)  # a class that is predicted but never true
    expected = measures.f1_score(target, scores.argmax(1), average=average, zero_division=0.0)
    assert streamed(F1(average), scores, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("threshold", [0.0, 0.7])
def test_f1_of_two_classes(classes, threshold):
    scores, target = classes[0][:, 0], classes[1] > 1
    expected = measures.f1_score(target, scores > threshold)
    assert streamed(F1(threshold=threshold), scores, target) == pytest.approx(expected)
    assert streamed(F1(threshold=threshold), scores, target.astype(np.float32)) == pytest.approx(
        expected
    )
    assert f1(lucid.zeros(3), lucid.zeros(3), threshold=0.5) == 0.0


def test_auc(classes):
    scores, target = classes[0].round(1), (classes[1] > 1).astype(np.int64)  # rounded: with ties
    expected = measures.roc_auc_score(target, scores[:, 0])
    assert streamed(AUC(), scores[:, 0], target) == pytest.approx(expected, rel=1e-12)
    expected = measures.roc_auc_score(target, scores[:, 1] - scores[:, 0])
    assert streamed(AUC(), scores[:, :2], target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_state_goes_on_elsewhere(name, regression, classes):
    output, target = regression if name in ("mae", "rmse", "r2") else classes
    if name == "auc":
        output, target = output[:, 0], target > 1
    if name == "f1":
        output, target = output[:, 0] > 0, target > 1
    whole, first, second = KNOWN[name](), KNOWN[name](), KNOWN[name]()
    whole.update(lucid.tensor(output), lucid.tensor(target))
    first.update(lucid.tensor(output), lucid.tensor(target))
    state = {
        k: lucid.tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in first.state_dict().items()
    }  # as `lucid.load` gives arrays
    second.load_state_dict(state)
    for metric in (whole, second):
        metric.update(lucid.tensor(output[:20]), lucid.tensor(target[:20]))
    assert second.compute() == whole.compute()
    assert second(lucid.tensor(output), lucid.tensor(target)) == first.compute()
    assert second.compute() == whole.compute()  # a call by itself changed nothing


def test_functions():
    y, t = lucid.tensor([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 3.0])
    assert (mae(y, t), rmse(y, t)) == (2 / 3, math.sqrt(2 / 3))
    assert accuracy(lucid.tensor([0, 1]), lucid.tensor([1, 1])) == 0.5


def test_function_metric_weighs_by_samples():
    metric = FunctionMetric(lambda output, target: output.mean())
    metric.update(lucid.tensor([1.0, 1.0, 1.0]), lucid.zeros(3))
    metric.update(lucid.tensor([5.0]), lucid.zeros(1))
    assert metric.compute() == 2.0


def test_errors():
    with pytest.raises(ShapeError, match=r"(?s)MAE: .*float32\[3, 1\].*float32\[3\].*squeeze"):
        mae(lucid.zeros(3, 1), lucid.zeros(3))
    with pytest.raises(ArgumentError, match=r"threshold=0.5.*probabilities.*0.0.*logits"):
        accuracy(lucid.zeros(3), lucid.zeros(3))
    with pytest.raises(ShapeError, match=r"scores of shape \(N, C, ...\)"):
        accuracy(lucid.zeros(3, 4), lucid.zeros(2))
    with pytest.raises(DTypeError, match="whole numbers"):
        accuracy(lucid.tensor([1]), lucid.tensor([0.5]))
    with pytest.raises(DTypeError, match="output must be a tensor"):
        mae([1.0], lucid.zeros(1))
    with pytest.raises(ArgumentError, match="macro"):
        F1("mean")
    with pytest.raises(ArgumentError, match='average="macro"'):
        f1(lucid.tensor([0, 1, 2]), lucid.tensor([0, 1, 2]))
    with pytest.raises(ArgumentError, match="ignore_index"):
        f1(lucid.tensor([0, 1]), lucid.tensor([0, -100]))
    with pytest.raises(ArgumentError, match="0 or 1"):
        auc(lucid.zeros(2), lucid.tensor([0, 2]))
    with pytest.raises(ArgumentError, match=r"'acuracy'(?s:.)*accuracy, auc"):
        resolve("fit", "acuracy", KNOWN)
    with pytest.raises(ArgumentError, match="'mae'"):
        resolve("fit", ["mae", MAE()], KNOWN)
    with pytest.raises(DTypeError, match="not int"):
        resolve("fit", [3], KNOWN)
    assert isinstance(resolve("fit", [MAE], KNOWN)[0], Metric)
