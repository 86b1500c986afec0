"""`fit` with a share of the data for validation, and in half precision with scaled losses."""

import importlib.util

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.amp import GradScaler
from lucid.data import DataLoader, TensorDataset
from lucid.errors import ArgumentError, DTypeError
from lucid.training import Callback, Checkpoint


def made(kind=None):
    lucid.manual_seed(0)
    x = lucid.randn(60, 3)
    y = x.sum(1, keepdim=True).tanh()
    model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = (kind or lucid.optim.Adam)(model.parameters(), lr=0.02)
    return (x, y), model, optimizer


def fitted(epochs=8, data=None, kind=None, **options):
    own, model, optimizer = made(kind)
    data = own if data is None else data(*own)
    history = lucid.fit(model, data, nn.MSELoss(), optimizer, epochs, progress=False, **options)
    return history, model


class Seen(Callback):
    """Which samples a run sees."""

    def on_fit_begin(self, run):
        self.parts = [
            {tuple(row) for batch in part for row in batch[0].tolist()}
            for part in (run.data, run.validation)
        ]


@pytest.mark.parametrize(
    "kind", [lambda x, y: (x, y), lambda x, y: (x.numpy(), y.numpy()), TensorDataset]
)
def test_a_share_is_split_off(kind):
    seen, again = Seen(), Seen()
    history, _ = fitted(2, kind, validation=0.25, callbacks=seen)
    assert [len(part) for part in seen.parts] == [45, 15]
    assert not seen.parts[0] & seen.parts[1]
    assert all(row["val_loss"] > 0 for row in history)
    lucid.rand(7)  # the share does not follow the stream of random numbers
    fitted(1, kind, validation=0.25, callbacks=again)
    assert again.parts == seen.parts


def test_shares_that_cannot_be():
    for share in (0.0, 1.0, -0.5, 1.5):
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            fitted(validation=share)
    with pytest.raises(ArgumentError, match=r"0\.001 of 60 samples leaves nothing"):
        fitted(validation=0.001)
    with pytest.raises(DTypeError, match="random_split"):
        fitted(data=lambda x, y: DataLoader(TensorDataset(x, y), 8), validation=0.1)
    with pytest.raises(DTypeError, match="come in batches"):
        fitted(data=lambda x, y: [(x, y)], validation=0.1)


@pytest.mark.parametrize("accumulate", [1, 3])
def test_half_precision_learns_as_much(accumulate):
    options = {"accumulate": accumulate, "validation": 0.2, "clip_norm": 1.0}
    single, _ = fitted(20, **options)
    kinds = [lucid.float16]
    if importlib.util.find_spec("ml_dtypes"):
        kinds += [lucid.bfloat16(), True]
    for kind in kinds:
        scaler = GradScaler(init_scale=256.0)  # which nothing overflows with
        half, model = fitted(20, autocast=kind, scaler=scaler, **options)
        assert half["loss"][-1] == pytest.approx(single["loss"][-1], rel=0.15)
        assert half["loss"] != single["loss"]
        assert all(p.dtype == np.float32 for p in model.parameters())


class Scales(Callback):
    def __init__(self, scaler):
        self.scaler, self.updates = scaler, []

    def on_batch_end(self, run):
        self.updates.append((run.updates, self.scaler.get_scale()))


def test_an_update_that_overflows_is_left_out():
    scaler = GradScaler(init_scale=2.0**40)
    watch = Scales(scaler)
    history, model = fitted(
        40, autocast=lucid.float16, scaler=scaler, callbacks=watch, batch_size=60
    )
    first = next(i for i, (updates, _) in enumerate(watch.updates) if updates)
    assert first > 10
    assert watch.updates[first - 1] == (0, 2.0 ** (40 - first))
    assert all(np.isfinite(p.detach().numpy()).all() for p in model.parameters())
    assert np.isfinite(history["loss"]).all()


def test_the_scaler_is_resumed(tmp_path):
    pytest.importorskip("safetensors")
    path = tmp_path / "run.safetensors"

    def go(epochs, resume=None):
        scaler = GradScaler(init_scale=2.0**10, growth_interval=5)
        options = {"autocast": lucid.float16, "scaler": scaler, "callbacks": Checkpoint(path)}
        history, model = fitted(epochs, resume=resume, **options)
        return history["loss"], scaler.state_dict(), model[0].weight.tolist()

    whole = go(6)
    go(3)
    assert go(6, path) == whole


def test_losses_in_float16_are_scaled_unasked():
    history, _ = fitted(30, autocast=lucid.float16)
    assert history["loss"][-1] < history["loss"][0] / 5


def test_refusals():
    with pytest.raises(DTypeError, match="GradScaler, not int"):
        fitted(scaler=3)
    with pytest.raises(ArgumentError, match="half precision"):
        fitted(autocast=lucid.float32)
    with pytest.raises(ArgumentError, match="nothing can be scaled"):
        fitted(kind=lucid.optim.LBFGS, autocast=lucid.float16)
