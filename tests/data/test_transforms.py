"""Transforms: what they do to images and tables, and that random ones repeat."""

import numpy as np
import pytest

import lucid
from lucid.data import DataLoader, TransformDataset
from lucid.data import transforms as T
from lucid.errors import ArgumentError, DTypeError, ShapeError, StateError

IMAGE = np.arange(2 * 5 * 7, dtype=np.float32).reshape(2, 5, 7)
ALL = [
    T.Normalize([1.0, 2.0], [3.0, 4.0]),
    T.Pad(1),
    T.CenterCrop((3, 4)),
    T.RandomCrop(3),
    T.RandomHorizontalFlip(1.0),
    T.RandomVerticalFlip(1.0),
]


@pytest.mark.parametrize("transform", ALL, ids=lambda t: type(t).__name__)
def test_tensors_stay_tensors_and_nothing_is_changed(transform):
    before = IMAGE.copy()
    lucid.manual_seed(0)
    array = transform(IMAGE)
    lucid.manual_seed(0)
    tensor = transform(lucid.tensor(IMAGE))
    assert isinstance(array, np.ndarray)
    np.testing.assert_array_equal(tensor.numpy(), array)
    assert tensor.dtype == np.float32
    assert tensor.is_contiguous()
    np.testing.assert_array_equal(IMAGE, before)
    with pytest.raises(DTypeError, match=f"{type(transform).__name__}: takes tensors and arrays"):
        transform([1.0])
    assert type(transform).__name__ in repr(T.Compose([transform]))


def test_normalize():
    normalize = T.Normalize([1.0, 2.0], [3.0, 4.0])
    expected = (IMAGE - [[[1]], [[2]]]) / [[[3]], [[4]]]
    np.testing.assert_allclose(normalize(IMAGE), expected, rtol=1e-6)
    np.testing.assert_allclose(normalize.inverse(normalize(IMAGE)), IMAGE, rtol=1e-5, atol=1e-5)
    assert normalize(np.ones((2, 1, 1), np.uint8)).dtype == np.float32
    with pytest.raises(ShapeError, match=r"(?s)\[\.\.\., 2, height, width\].*ToTensor"):
        normalize(np.zeros((3, 4, 4)))
    with pytest.raises(ArgumentError, match="std must not be zero"):
        T.Normalize(0.0, 0.0)


def test_to_tensor():
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    tensor = T.ToTensor()(image)
    np.testing.assert_allclose(tensor.numpy(), image.transpose(2, 0, 1) / 255, rtol=1e-6)
    assert T.ToTensor()(np.zeros((2, 3), np.float64)).shape == (1, 2, 3)
    with pytest.raises(ShapeError, match="ToTensor"):
        T.ToTensor()(np.zeros(3))


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
def test_pad(mode):
    padded = T.Pad((1, 2, 3, 4), fill=9 if mode == "constant" else 0, padding_mode=mode)(IMAGE)
    options = {"constant_values": 9} if mode == "constant" else {}
    expected = np.pad(IMAGE, [(0, 0), (2, 4), (1, 3)], mode=mode, **options)
    np.testing.assert_array_equal(padded, expected)


def test_crops():
    np.testing.assert_array_equal(T.CenterCrop((3, 3))(IMAGE), IMAGE[:, 1:4, 2:5])
    assert T.CenterCrop(9)(IMAGE).sum() == IMAGE.sum()
    crops = {T.RandomCrop((5, 6))(IMAGE)[0, 0, 0].item() for _ in range(40)}
    assert crops == {0.0, 1.0}
    assert T.RandomCrop(9, pad_if_needed=True)(IMAGE).shape == (2, 9, 9)
    with pytest.raises(ShapeError, match=r"(?s)smaller than the part of 9 x 9.*pad_if_needed"):
        T.RandomCrop(9)(IMAGE)
    with pytest.raises(ShapeError, match=r"shape \[\.\.\., height, width\]"):
        T.RandomCrop(1)(np.zeros(3))


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: T.Pad(-1), "padding must be"),
        (lambda: T.Pad((1, 2, 3)), "padding must be"),
        (lambda: T.Pad(1, padding_mode="wrap"), "padding_mode must be one of"),
        (lambda: T.RandomCrop(0), "RandomCrop: size must be positive"),
        (lambda: T.RandomHorizontalFlip(1.5), "RandomHorizontalFlip: p must be a probability"),
        (lambda: T.RobustScaler((75.0, 25.0)), "quantile_range"),
    ],
)
def test_refusals(make, match):
    with pytest.raises(ArgumentError, match=match):
        make()


def test_flips_happen_half_of_the_time():
    generator = lucid.Generator(0)
    flip = T.RandomHorizontalFlip(generator=generator)
    turned = sum(flip(IMAGE)[0, 0, 0] == 6 for _ in range(200))
    assert 70 < turned < 130


@pytest.mark.parametrize("workers", ["processes", "threads"])
def test_random_transforms_do_not_depend_on_the_workers(workers):
    crop = T.Compose([T.RandomCrop(4, padding=2), T.RandomHorizontalFlip()])
    dataset = TransformDataset([(IMAGE, i) for i in range(6)], crop)

    def batches(count):
        loader = DataLoader(dataset, 2, num_workers=count, workers=workers, generator=4)
        return [x.numpy() for x, _ in loader]

    expected = batches(0)
    for found, wanted in zip(batches(2), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert any((expected[0] != other).any() for other in expected[1:])


# ---- tables -------------------------------------------------------------------------------


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    table = rng.standard_normal((200, 4)) * [1, 10, 1e3, 0] + [0, 5, -1e4, 0.1]
    table[5, 1] = np.nan
    return table


def test_standard_scaler(table):
    scaler = T.StandardScaler()
    scaled = scaler.fit_transform(table)
    np.testing.assert_allclose(np.nanmean(scaled, 0), 0, atol=1e-9)
    np.testing.assert_allclose(np.nanstd(scaled[:, :3], 0), 1)
    np.testing.assert_allclose(scaled[:, 3], 0, atol=1e-12)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), table)
    parts = T.StandardScaler()
    for first in range(0, 200, 30):
        parts.partial_fit(table[first : first + 30])
    np.testing.assert_allclose(parts.center_, scaler.center_)
    np.testing.assert_allclose(parts.scale_, scaler.scale_)
    assert scaler.fit(table[:100]).center_[0] != parts.center_[0]


@pytest.mark.parametrize("quantiles", [(25.0, 75.0), (10.0, 90.0)])
@pytest.mark.parametrize("unit_variance", [False, True])
def test_robust_scaler(table, quantiles, unit_variance):
    scaler = T.RobustScaler(quantiles, unit_variance)
    scaled = scaler.fit_transform(table)
    np.testing.assert_allclose(np.nanmedian(scaled, 0), 0, atol=1e-12)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), table)
    reference = pytest.importorskip("sklearn.preprocessing").RobustScaler(
        quantile_range=quantiles, unit_variance=unit_variance
    )
    np.testing.assert_allclose(scaled, reference.fit_transform(table), atol=1e-12)


@pytest.mark.parametrize("kind", [T.StandardScaler, T.RobustScaler])
def test_scalers_travel_and_refuse(kind, table):
    scaler = kind().fit(table)
    twin = kind()
    with pytest.raises(StateError, match=r"(?s)not known yet.*fit\(training_data\)"):
        twin(table)
    twin.load_state_dict(scaler.state_dict())
    row = lucid.tensor(table[0], dtype=lucid.float32)
    assert lucid.equal(twin(row), scaler(row))
    assert twin(row).dtype == lucid.float32
    with pytest.raises(ShapeError, match="wants 4 columns"):
        scaler(table[:, :2])
    with pytest.raises(ShapeError, match=r"shape \[rows, columns\]"):
        kind().fit(table[0])
    with np.testing.assert_no_warnings():
        assert (kind().fit(np.full((3, 1), np.nan)).scale_ == 1).all()
