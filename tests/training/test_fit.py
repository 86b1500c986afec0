"""`fit`: what it learns, what it measures, and what it refuses."""

import io

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.data import DataLoader, Dataset, IterableDataset, TensorDataset
from lucid.errors import ArgumentError, DTypeError, NonFiniteError, ShapeError
from lucid.training import Callback, EarlyStopping, Progress, Schedule


@pytest.fixture(autouse=True)
def _seeded():
    lucid.manual_seed(0)


def line(n=48):
    x = lucid.rand(n, 2)
    return x, x @ lucid.tensor([[2.0], [-1.0]]) + 0.5


def small(lr=0.05):
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 1))
    return model, lucid.optim.Adam(model.parameters(), lr=lr)


def weights(model):
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def test_it_is_the_loop_that_one_would_write(kind_of_kernels):
    x, y = line()
    model, optimizer = small()
    lucid.manual_seed(1)
    loader = DataLoader(TensorDataset(x, y), 10, shuffle=True)
    history = lucid.fit(model, loader, nn.HuberLoss(), optimizer, 3, progress=False)
    trained = weights(model)

    lucid.manual_seed(0)
    line()
    model, optimizer = small()
    lucid.manual_seed(1)
    loader = DataLoader(TensorDataset(x, y), 10, shuffle=True)
    losses = []
    for _ in range(3):
        total = 0.0
        for input, target in loader:
            optimizer.zero_grad()
            loss = nn.HuberLoss()(model(input), target)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(input)
        losses.append(total / len(x))
    assert history["loss"] == losses
    for name, value in weights(model).items():
        np.testing.assert_array_equal(trained[name], value)


@pytest.mark.parametrize("kind", ["tensors", "arrays", "list", "dataset", "loader", "batches"])
def test_kinds_of_data(kind):
    x, y = line()
    data = {
        "tensors": (x, y),
        "arrays": (x.numpy().astype(np.float64), y.numpy().astype(np.float64)),
        "list": [x, y],
        "dataset": TensorDataset(x, y),
        "loader": DataLoader(TensorDataset(x, y), 12),
        "batches": [(x[:20], y[:20]), (x[20:].numpy(), y[20:].numpy())],
    }[kind]
    model, optimizer = small()
    history = lucid.fit(
        model, data, nn.MSELoss(), optimizer, 15, validation=data, metrics="mae", progress=False
    )
    assert history.names == ["epoch", "loss", "val_loss", "mae", "val_mae", "lr", "seconds"]
    assert history["val_loss"][-1] < history["val_loss"][0] / 2
    measured = lucid.evaluate(model, data, nn.MSELoss(), "mae")
    assert measured["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-5)
    assert measured["mae"] == pytest.approx(history["val_mae"][-1], rel=1e-5)
    assert lucid.predict(model, data).shape == (48, 1)
    assert model.training


def test_step_for_batches_of_other_kinds():
    x, _ = line()
    model = nn.Linear(2, 2)
    optimizer = lucid.optim.Adam(model.parameters(), lr=0.05)

    def step(model, batch):
        output = model(batch["x"])
        return ((output - batch["x"]) ** 2).mean(), output, batch["x"]

    batches = [{"x": x[:24]}, {"x": x[24:]}]
    history = lucid.fit(
        model, batches, None, optimizer, 40, batches, step=step, metrics="mae", progress=False
    )
    assert history["val_mae"][-1] < history["val_mae"][0] / 3
    with pytest.raises(DTypeError, match="return loss, output, target"):
        lucid.fit(
            model,
            batches,
            None,
            optimizer,
            step=lambda m, b: m(b["x"]).mean(),
            metrics="mae",
            progress=False,
        )


def test_several_inputs():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 1)

        def forward(self, a, b):
            return self.layer(a + b)

    x, y = line()
    model = Both()
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    lucid.fit(model, (x, x, y), nn.MSELoss(), optimizer, progress=False)
    assert lucid.predict(model, (x, x, y)).shape == (48, 1)
    assert lucid.predict(model, (x, x), targets=False).shape == (48, 1)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_accumulation_is_one_large_batch(reduction):
    x, y = line(50)

    def trained(**options):
        lucid.manual_seed(3)
        model = nn.Linear(2, 1)
        optimizer = lucid.optim.SGD(model.parameters(), lr=0.01)
        loss = nn.MSELoss(reduction=reduction)
        history = lucid.fit(
            model, (x, y), loss, optimizer, 2, shuffle=False, progress=False, **options
        )
        return model.weight.detach().numpy(), history["loss"]

    weight, losses = trained(batch_size=30)  # 30 and 20
    small, small_losses = trained(batch_size=10, accumulate=3)
    np.testing.assert_allclose(small, weight, rtol=1e-6)
    np.testing.assert_allclose(small_losses, losses, rtol=1e-6)


def test_clipping():
    x, y = line()
    for options in ({"clip_norm": 0.01}, {"clip_value": 0.001}):
        model = nn.Linear(2, 1)
        before = weights(model)
        optimizer = lucid.optim.SGD(model.parameters(), lr=1.0)
        lucid.fit(
            model, (x, 100 * y), nn.MSELoss(), optimizer, batch_size=48, progress=False, **options
        )
        moved = np.concatenate([(weights(model)[k] - before[k]).ravel() for k in before])
        if "clip_norm" in options:
            assert np.linalg.norm(moved) == pytest.approx(0.01, rel=1e-3)
        else:
            assert np.abs(moved).max() == pytest.approx(0.001, rel=1e-2)


def test_frozen_modules_stay_frozen():
    x, y = line()
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    model[1].eval()
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.01)
    lucid.fit(model, (x, y), nn.MSELoss(), optimizer, 2, (x, y), progress=False)
    assert model.training
    assert not model[1].training
    np.testing.assert_array_equal(model[1].running_mean.numpy(), np.zeros(4))


def test_early_stopping_gives_the_best_back():
    x, y = line()
    model, optimizer = small(lr=1.5)  # so that it gets worse now and then
    kept = {}

    class Keep(Callback):
        def on_epoch_end(self, run):
            kept[run.epoch] = weights(run.model)

    stopping = EarlyStopping(patience=4)
    history = lucid.fit(
        model, (x, y), nn.MSELoss(), optimizer, 100, (x, y), [Keep(), stopping], progress=False
    )
    assert len(history) < 100
    assert stopping.best_epoch == len(history) - 4
    assert stopping.best == min(history["val_loss"]) == history.best("val_loss")["val_loss"]
    assert "val_loss did not improve since epoch" in history.stop_reason
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, kept[stopping.best_epoch][name])


def test_early_stopping_knows_which_way_is_better():
    x, y = line()
    model, optimizer = small()
    stopping = EarlyStopping("r2", patience=100)
    history = lucid.fit(
        model, (x, y), nn.MSELoss(), optimizer, 5, callbacks=stopping, metrics="r2", progress=False
    )
    assert stopping.best == max(history["r2"])

    def spread(output, target):
        return output.std()

    with pytest.raises(ArgumentError, match='mode="min"'):
        lucid.fit(
            model,
            (x, y),
            nn.MSELoss(),
            optimizer,
            callbacks=EarlyStopping("spread"),
            metrics=spread,
            progress=False,
        )
    with pytest.raises(ArgumentError, match=r"(?s)'val_loss' is not measured.*needs validation="):
        lucid.fit(
            model,
            (x, y),
            nn.MSELoss(),
            optimizer,
            callbacks=EarlyStopping("val_loss"),
            progress=False,
        )


def test_schedules():
    x, y = line()
    schedulers = lucid.optim.lr_scheduler
    model, _ = small()
    optimizer = lucid.optim.SGD(model.parameters(), lr=1e-3)
    by_update = Schedule(schedulers.ExponentialLR(optimizer, 0.5), every="update")
    history = lucid.fit(
        model,
        (x, y),
        nn.MSELoss(),
        optimizer,
        2,
        callbacks=by_update,
        batch_size=24,
        progress=False,
    )
    assert history["lr"] == [1e-3 / 4, 1e-3 / 16]
    plateau = schedulers.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=0.9)
    optimizer.param_groups[0]["lr"] = 1e-9
    history = lucid.fit(
        model, (x, y), nn.MSELoss(), optimizer, 3, (x, y), callbacks=[plateau], progress=False
    )
    assert plateau.best == history["val_loss"][0]
    other = lucid.optim.SGD(model.parameters(), lr=1.0)
    with pytest.raises(ArgumentError, match="another optimizer"):
        lucid.fit(model, (x, y), nn.MSELoss(), other, callbacks=plateau, progress=False)


def test_callbacks_are_told_also_of_the_end_after_an_error():
    told = []

    class Tell(Callback):
        def on_fit_begin(self, run):
            told.append("begin")

        def on_update(self, run):
            told.append(f"update {run.updates}")
            if run.updates == 2:
                raise KeyboardInterrupt

        def on_fit_end(self, run):
            told.append(f"end, failed: {run.failed}")

    model, optimizer = small()
    with pytest.raises(KeyboardInterrupt):
        lucid.fit(
            model,
            line(),
            nn.MSELoss(),
            optimizer,
            2,
            callbacks=Tell(),
            batch_size=24,
            progress=False,
        )
    assert told == ["begin", "update 1", "update 2", "end, failed: True"]


def test_progress_without_a_terminal_is_a_table():
    out = io.StringIO()
    model, optimizer = small()
    data = line()
    lucid.fit(
        model, data, nn.MSELoss(), optimizer, 2, data, Progress(out), metrics="mae", progress=False
    )
    head, *rows = out.getvalue().splitlines()
    assert head.split() == ["epoch", "loss", "val_loss", "mae", "val_mae", "lr", "time"]
    assert [row.split()[0] for row in rows] == ["1/2", "2/2"]
    assert len({len(row) for row in (head, *rows)}) == 1


def test_progress_bar_in_a_terminal():
    pytest.importorskip("tqdm")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    model, optimizer = small()
    lucid.fit(model, line(), nn.MSELoss(), optimizer, 2, callbacks=Progress(out), progress=False)
    assert "epoch 1/2" in out.getvalue()
    assert "/4 [" in out.getvalue()  # two batches in each of two epochs, and the time left


@pytest.mark.skipif(not hasattr(lucid.optim, "LBFGS"), reason="no LBFGS")
def test_optimizers_that_compute_the_loss_again():
    x, y = line()
    model = nn.Linear(2, 1)
    optimizer = lucid.optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe")
    history = lucid.fit(model, (x, y), nn.MSELoss(), optimizer, 5, batch_size=48, progress=False)
    assert history["loss"][-1] < 1e-6
    refused("nothing accumulates", ArgumentError, model=model, optimizer=optimizer, accumulate=2)


def test_streams():
    class Stream(IterableDataset):
        def __iter__(self):
            x, y = line(20)
            return iter(zip(x, y, strict=True))

    model, optimizer = small()
    history = lucid.fit(model, Stream(), nn.MSELoss(), optimizer, 2, batch_size=8, progress=False)
    assert len(history) == 2


# ---- what is refused ------------------------------------------------------------------------


def refused(message, error=DTypeError, **changed):
    model, optimizer = small()
    given = {"model": model, "data": line(), "loss": nn.MSELoss(), "optimizer": optimizer}
    given.update(changed)
    with pytest.raises(error, match=message) as raised:
        lucid.fit(**given, progress=False)
    return raised.value


def test_wrong_kinds():
    _, optimizer = small()
    refused(r"(?s)class MSELoss, not a loss.*MSELoss\(\)", loss=nn.MSELoss)
    refused("loss is missing", loss=None)
    refused("must be callable, not str", loss="mse")
    refused(
        r"(?s)loss is an optimizer.*fit\(model, data, loss, optimizer\)",
        loss=optimizer,
        optimizer=nn.MSELoss(),
    )
    refused(r"(?s)MSELoss, which is no Optimizer.*in this order", optimizer=nn.MSELoss())
    refused(r"(?s)class Adam.*Adam\(model.parameters", optimizer=lucid.optim.Adam)
    refused(r"(?s)not str.*lucid.optim.Adam\(model.parameters", optimizer="adam")
    refused("optimizer is missing", optimizer=None)
    refused(r"(?s)class Linear, not a model.*Linear\(...\)", model=nn.Linear)
    refused("must be an nn.Module, not function", model=lambda x: x)
    refused("none of the model's parameters", ArgumentError, model=small()[0])
    refused("data must be a DataLoader", data=3)
    refused("not dict", data={"x": 1})
    refused("call it", data=line)
    refused(r"callbacks must be.*(?s:.)*EarlyStopping\(\)", callbacks=[EarlyStopping])
    refused("Callback with on_epoch_end", callbacks=[print])
    for options in ({"epochs": 0}, {"accumulate": 0}, {"clip_norm": -1.0}, {"batch_size": 0}):
        refused(next(iter(options)), ArgumentError, **options)
    refused("there is none", ArgumentError, resume=True)
    refused("no metric 'mea'", ArgumentError, metrics="mea")


def test_wrong_data():
    x, y = line()
    refused("same length", ShapeError, data=(x, y[:3]))
    refused(r"\(input, target\), not tuple of 1", data=(x,))
    refused("data is empty", ArgumentError, data=TensorDataset(x[:0], y[:0]))
    refused("gives its batches once", ArgumentError, data=iter([(x, y)]), epochs=2)
    refused("gave no batch in epoch 1", ArgumentError, data=[])
    refused('reduction="mean"', ShapeError, loss=nn.MSELoss(reduction="none"))
    refused("without .item", loss=lambda o, t: 0.5)
    pandas = pytest.importorskip("pandas")
    refused("(?s)is a table.*to_numpy", data=pandas.DataFrame({"a": [1.0]}))


def test_errors_name_the_batch():
    class Broken(Dataset):
        def __len__(self):
            return 8

        def __getitem__(self, index):
            if index == 5:
                raise ZeroDivisionError("no such luck")
            return lucid.ones(2), lucid.ones(1)

    loader = DataLoader(Broken(), 2)
    error = refused("no such luck", ZeroDivisionError, data=loader)
    notes = "\n".join(error.__notes__)
    assert "sample 5" in notes
    assert "fetching batch 2 of epoch 1" in notes

    batches = [(lucid.ones(4, 2), lucid.ones(4, 1)), (lucid.ones(4, 3), lucid.ones(4, 1))]
    error = refused("linear", ShapeError, data=batches)
    notes = "\n".join(error.__notes__)
    assert "in batch 1 of epoch 1: (float32[4, 3], float32[4, 1])" in notes
    assert "Sequential.0" in notes


# ---- NaN and infinity -----------------------------------------------------------------------


class Strange(nn.Module):
    """Goes wrong in a way of choice once its counter says so."""

    def __init__(self, strange, after=3):
        super().__init__()
        self.head = nn.Linear(2, 1)
        self.inner = nn.Identity()
        self.strange, self.left = strange, after

    def forward(self, x):
        self.left -= 1
        x = self.inner(self.head(x))
        return x if self.left >= 0 else self.strange(x)


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        (
            lambda x: (x * 0 - 1).log(),
            r"the loss is nan.*went bad first: log made NaN from finite.*"
            r"test_fit.py:\d+, in Strange: lambda x",
        ),
        (lambda x: x / 0.0, r"the loss is (inf|nan).*went bad first: div made.*in Strange"),
        (lambda x: (x * 0).exp() * 1e38 * 1e5 - 1e38 * x.exp() * 1e5, r"first: mul made infinity"),
        (lambda x: (x * 0).sqrt(), r"head.weight is not finite.*first: the gradient of sqrt"),
    ],
)
def test_what_went_bad_first(strange, said):
    model = Strange(strange)
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.01)
    data = [(lucid.ones(24, 2), lucid.ones(24, 1))] * 2
    states = []

    class Keep(Callback):
        def on_update(self, run):
            states.append(weights(run.model))

    with pytest.raises(NonFiniteError, match=f"(?s){said}") as raised:
        lucid.fit(model, data, nn.MSELoss(), optimizer, 5, callbacks=Keep(), progress=False)
    assert "in epoch 2, batch 1 (update 4)" in str(raised.value)
    assert isinstance(raised.value, FloatingPointError)
    for name, value in weights(model).items():  # the bad batch changed nothing
        np.testing.assert_array_equal(value, states[-1][name])


def test_bad_data_and_parameters_are_named():
    x, y = line()
    y[3, 0] = np.nan
    error = refused(
        r"went bad first: the data: batch\[1\]: 1 of 32 elements is NaN",
        NonFiniteError,
        data=(x, y),
        shuffle=False,
    )
    assert "nan_target" in str(error)
    model, optimizer = small()
    with lucid.no_grad():
        model[3].weight[0, 2] = np.inf
    refused(
        r"went bad first: the parameter 3.weight", NonFiniteError, model=model, optimizer=optimizer
    )
    lucid.fit(model, line(), nn.MSELoss(), optimizer, check_finite=False, progress=False)
