"""Checkpoints: a resumed run ends in the same bits as one that was never interrupted."""

import random

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.data import DataLoader, TensorDataset
from lucid.errors import ArgumentError, NonFiniteError, StateError
from lucid.training import Callback, Checkpoint, CSVLogger, EarlyStopping, Schedule

pytest.importorskip("safetensors")


class Halt(Callback):
    """Ends a run in the middle, as a lost machine would."""

    comes_last = True

    def __init__(self, after):
        self.after = after

    def on_update(self, run):
        if run.updates == self.after:
            raise KeyboardInterrupt


class Noisy(TensorDataset):
    """Draws from every stream of random numbers that there is."""

    def batch(self, indices):
        x, y = super().batch(indices)
        noise = np.random.rand() + random.random() + float(lucid.rand(1))
        return x + 0.01 * noise, y


def make(path, seed, accumulate=1, own_generator=True, num_workers=0):
    """Everything that a script makes before it calls `fit`."""
    lucid.manual_seed(0)
    x = lucid.rand(50, 3)
    y = (x.sum(1, keepdim=True) > 1.5).float()
    lucid.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    model = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3), nn.Linear(8, 1)
    )
    optimizer = lucid.optim.AdamW(model.parameters(), lr=0.01)
    schedulers = lucid.optim.lr_scheduler
    generator = lucid.Generator(seed) if own_generator else None
    dataset = TensorDataset(x, y) if num_workers else Noisy(x, y)
    loader = DataLoader(dataset, 8, shuffle=True, generator=generator, num_workers=num_workers)
    callbacks = [
        Schedule(schedulers.CosineAnnealingLR(optimizer, 30), every="update"),
        schedulers.ReduceLROnPlateau(optimizer, patience=1),
        EarlyStopping(patience=4),
        Checkpoint(path, every_updates=1),
    ]
    options = {
        "validation": (x, y), "metrics": ["mae", "r2", "auc"], "accumulate": accumulate,
        "progress": False,
    }  # fmt: skip
    return model, loader, optimizer, callbacks, options


def run(path, seed=1, epochs=5, halt=None, resume=None, **kind):
    model, loader, optimizer, callbacks, options = make(path, seed, **kind)
    extra = [Halt(halt)] if halt is not None else []
    history = lucid.fit(
        model, loader, nn.MSELoss(), optimizer, epochs, callbacks=[*callbacks, *extra],
        resume=resume, **options,
    )  # fmt: skip
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    draws = [float(lucid.rand(1)), float(np.random.rand()), random.random()]
    return history, state, draws


def same(a, b):
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        return all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, lucid.Tensor):
        return a.numpy().tobytes() == b.numpy().tobytes()
    return a == b


def without_time(history):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history]


@pytest.mark.parametrize(
    ("halt", "own_generator"),
    [(1, True), (7, False), (10, True), (14, False), (15, True)],  # 7 updates an epoch
)
def test_resumed_bit_by_bit(tmp_path, halt, own_generator, kind_of_kernels):
    kind = {"own_generator": own_generator}
    whole, state, draws = run(tmp_path / "whole.safetensors", **kind)
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        run(path, halt=halt, **kind)
    history, resumed, after = run(path, seed=99, resume=path, **kind)  # another seed: no matter
    assert same(resumed, state)
    assert without_time(history) == without_time(whole)
    assert after == draws


def test_resumed_with_batches_fetched_ahead(tmp_path, kind_of_kernels):
    kind = {"own_generator": False, "num_workers": 2}
    whole, state, _ = run(tmp_path / "whole.safetensors", **kind)
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        run(path, halt=10, **kind)
    history, resumed, _ = run(path, seed=99, resume=path, **kind)
    assert same(resumed, state)
    assert without_time(history) == without_time(whole)


def test_resumed_with_accumulation(tmp_path, kind_of_kernels):
    whole, state, _ = run(tmp_path / "whole.safetensors", accumulate=3)
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        run(path, halt=4, accumulate=3)  # the first of the second epoch
    history, resumed, _ = run(path, seed=5, resume=True, accumulate=3)
    assert same(resumed, state)
    assert without_time(history) == without_time(whole)


def test_longer_than_planned_and_not_at_all(tmp_path):
    path = tmp_path / "deep" / "run.safetensors"
    run(path, epochs=2, resume=True)  # there is none yet, so it begins
    history, _, _ = run(path, seed=7, epochs=3, resume=True)
    assert history["epoch"] == [1, 2, 3]
    history, _, _ = run(path, seed=8, epochs=3, resume=True)  # nothing is left to do
    assert history["epoch"] == [1, 2, 3]


def test_best_is_kept_beside(tmp_path):
    x = lucid.rand(20, 2)
    model = nn.Linear(2, 1)
    optimizer = lucid.optim.SGD(model.parameters(), lr=1.2)
    keep = Checkpoint(tmp_path / "run.safetensors", every=3, monitor="loss")
    history = lucid.fit(
        model,
        (x, x.sum(1, keepdim=True)),
        nn.MSELoss(),
        optimizer,
        4,
        callbacks=keep,
        progress=False,
    )
    assert keep.best_path.name == "run.best.safetensors"
    best = lucid.load(keep.best_path)
    assert best["history"][-1]["loss"] == min(history["loss"])
    assert lucid.load(keep.path)["epoch"] == 4  # the last has one, whatever `every` says
    model.load_state_dict(best["model"])


def test_a_bad_state_never_replaces_a_good_one(tmp_path):
    path = tmp_path / "run.safetensors"
    model = nn.Linear(2, 1)
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)

    class Spoil(Callback):
        def on_epoch_end(self, run):
            if run.epoch == 2:
                with lucid.no_grad():
                    run.model.weight[0, 1] = np.nan

    data = lucid.ones(4, 2), lucid.ones(4, 1)
    with pytest.raises(NonFiniteError, match=r"(?s)parameter weight: 1 of 2.*last good.*run.safe"):
        lucid.fit(
            model,
            data,
            nn.MSELoss(),
            optimizer,
            5,
            callbacks=[Checkpoint(path), Spoil()],
            progress=False,
        )
    kept = lucid.load(path)
    assert kept["epoch"] == 1
    assert np.isfinite(kept["model"]["weight"].numpy()).all()
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.safetensors"]


def test_csv_of_a_resumed_run_is_whole(tmp_path):
    model = nn.Linear(1, 1)
    data = lucid.ones(4, 1), lucid.ones(4, 1)

    def go(epochs):
        optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
        log = CSVLogger(tmp_path / "log.csv")
        callbacks = [log, Checkpoint(tmp_path / "run.safetensors")]
        lucid.fit(
            model,
            data,
            nn.MSELoss(),
            optimizer,
            epochs,
            callbacks=callbacks,
            resume=True,
            progress=False,
        )
        return log.path.read_text().splitlines()

    assert len(go(2)) == 3
    assert [line.split(",")[0] for line in go(4)] == ["epoch", "1", "2", "3", "4"]


def test_what_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    run(path, epochs=1)
    model, loader, optimizer, callbacks, options = make(path, 1)
    with pytest.raises(StateError, match="other callbacks"):
        lucid.fit(
            model,
            loader,
            nn.MSELoss(),
            optimizer,
            2,
            callbacks=callbacks[1:],
            resume=path,
            **options,
        )
    with pytest.raises(StateError, match="other metrics"):
        lucid.fit(
            model,
            loader,
            nn.MSELoss(),
            optimizer,
            2,
            callbacks=callbacks,
            resume=path,
            **{**options, "metrics": "mae"},
        )
    with pytest.raises(StateError, match="random generators"):
        lucid.fit(
            model,
            (lucid.ones(4, 3), lucid.ones(4, 1)),
            nn.MSELoss(),
            optimizer,
            2,
            callbacks=callbacks,
            resume=path,
            **options,
        )
    with pytest.raises(FileNotFoundError):
        lucid.fit(model, loader, nn.MSELoss(), optimizer, 2, resume=tmp_path / "none", **options)
    lucid.save(model.state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(StateError, match="no checkpoint of a training run"):
        lucid.fit(
            model,
            loader,
            nn.MSELoss(),
            optimizer,
            2,
            resume=tmp_path / "model.safetensors",
            **options,
        )
    with pytest.raises(ArgumentError, match="every"):
        Checkpoint(path, every=0)
