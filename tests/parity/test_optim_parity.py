"""A hundred steps of every optimizer and option equal PyTorch's; so do schedules and clipping."""

import itertools

import numpy as np
import pytest

import lucid
from lucid import optim

torch = pytest.importorskip("torch")

SHAPES = [(3, 4), (4,), (2, 3, 2), (), (0, 3)]


def product(**options):
    for values in itertools.product(*options.values()):
        yield dict(zip(options, values, strict=True))


CASES = [
    *(("SGD", case) for case in product(
        lr=[0.1], momentum=[0.0, 0.9], weight_decay=[0.0, 0.1], dampening=[0.0, 0.3],
        maximize=[False, True],
    )),
    *(("SGD", case) for case in product(
        lr=[0.1], momentum=[0.9], nesterov=[True], weight_decay=[0.0, 0.1],
    )),
    *((name, case) for name in ("Adam", "AdamW") for case in product(
        lr=[0.05], betas=[(0.9, 0.999), (0.4, 0.5)], weight_decay=[0.0, 0.1],
        amsgrad=[False, True], maximize=[False, True], eps=[1e-8, 1e-3],
    )),
    *(("RMSprop", case) for case in product(
        lr=[0.05], alpha=[0.99, 0.5], momentum=[0.0, 0.9], centered=[False, True],
        weight_decay=[0.0, 0.1], maximize=[False, True],
    )),
    *(("Adam", case) for case in product(weight_decay=[0.1], decoupled_weight_decay=[True])),
    *(("Adamax", case) for case in product(
        lr=[0.05], betas=[(0.9, 0.999), (0.4, 0.5)], weight_decay=[0.0, 0.1],
        maximize=[False, True], eps=[1e-8, 1e-3],
    )),
    *(("NAdam", case) for case in product(
        lr=[0.05], betas=[(0.9, 0.999), (0.4, 0.5)], weight_decay=[0.0, 0.1],
        momentum_decay=[4e-3, 0.5], decoupled_weight_decay=[False, True], maximize=[False, True],
    )),
    *(("RAdam", case) for case in product(
        lr=[0.05], betas=[(0.9, 0.999), (0.4, 0.5)], weight_decay=[0.0, 0.1],
        decoupled_weight_decay=[False, True], maximize=[False, True], eps=[1e-8, 1e-3],
    )),
    *(("Adagrad", case) for case in product(
        lr=[0.1], lr_decay=[0.0, 0.01], weight_decay=[0.0, 0.1],
        initial_accumulator_value=[0.0, 0.5], maximize=[False, True],
    )),
    *(("Adadelta", case) for case in product(
        lr=[1.0, 0.1], rho=[0.9, 0.5], eps=[1e-6, 1e-3], weight_decay=[0.0, 0.1],
        maximize=[False, True],
    )),
    *(("Rprop", case) for case in product(
        lr=[0.01, 100.0], etas=[(0.5, 1.2), (0.1, 2.0)], step_sizes=[(1e-6, 50), (0.02, 0.5)],
        maximize=[False, True],
    )),
    *(("ASGD", case) for case in product(
        lr=[0.05], lambd=[1e-4, 0.1], alpha=[0.75, 0.1], t0=[1e6, 10.0], weight_decay=[0.0, 0.1],
        maximize=[False, True],
    )),
]  # fmt: skip
STEPS = 100
NAMES = sorted({name for name, _ in CASES})
OPTIONS = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True}}


@pytest.fixture(autouse=True)
def _numbers_in_double():
    """PyTorch keeps scalars of the state (NAdam, ASGD) in the default dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def twins(dtype, shapes=SHAPES, seed=0):
    rng = np.random.default_rng(seed)
    values = [np.asarray(rng.standard_normal(shape)).astype(dtype) for shape in shapes]
    ours = [lucid.tensor(v.copy(), requires_grad=True) for v in values]
    theirs = [torch.tensor(v.copy(), requires_grad=True) for v in values]
    return ours, theirs, rng


def feed(ours, theirs, rng):
    for p, q in zip(ours, theirs, strict=True):
        g = np.asarray(rng.standard_normal(p.shape)).astype(p.dtype)
        p.grad, q.grad = lucid.tensor(g.copy()), torch.tensor(g.copy())


def assert_equal(ours, theirs, rtol):
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=rtol, atol=rtol)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_hundred_steps(name, options):
    ours, theirs, rng = twins(np.float64)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    for _ in range(STEPS):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-11)
    assert_same_state(a.state_dict(), b.state_dict())


def assert_same_state(ours, theirs):
    assert list(ours) == list(theirs)
    assert ours["state"].keys() == theirs["state"].keys()
    for i, entry in ours["state"].items():
        expected = {k: v for k, v in theirs["state"][i].items() if v is not None}
        assert entry.keys() == expected.keys()
        for key, value in entry.items():
            value = value.numpy() if isinstance(value, lucid.Tensor) else value
            np.testing.assert_allclose(value, expected[key].numpy(), rtol=1e-11, atol=1e-12)
    for group, expected in zip(ours["param_groups"], theirs["param_groups"], strict=True):
        assert group == {k: v for k, v in expected.items() if k in group or k != "foreach"}


@pytest.mark.parametrize("name", NAMES)
def test_float32(name):
    ours, theirs, rng = twins(np.float32)
    options = {"lr": 0.01} | OPTIONS.get(name, {})
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    for _ in range(20):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_complex_parameters(name):
    rng = np.random.default_rng(0)
    draw = lambda: rng.standard_normal(3) + 1j * rng.standard_normal(3)  # noqa: E731
    value = draw()
    p = lucid.tensor(value, requires_grad=True)
    q = torch.tensor(value, requires_grad=True)
    options = {"lr": 0.01} | OPTIONS.get(name, {})
    a, b = getattr(optim, name)([p], **options), getattr(torch.optim, name)([q], **options)
    for _ in range(5):
        g = draw()
        p.grad, q.grad = lucid.tensor(g), torch.tensor(g)
        a.step()
        b.step()
    assert_equal([p], [q], 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_state_of_torch_goes_on_here(name):
    options = {"lr": 0.05} | OPTIONS.get(name, {})
    ours, theirs, rng = twins(np.float64)
    a, b = getattr(optim, name)(ours, lr=0.3), getattr(torch.optim, name)(theirs, **options)
    for _ in range(3):
        feed(ours, theirs, rng)
        b.step()
    a.load_state_dict(b.state_dict())
    for p, q in zip(ours, theirs, strict=True):
        p.data[...] = q.detach().numpy()
    for _ in range(3):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-12)


def for_torch(value):
    """A state dict's tensors as PyTorch's."""
    if isinstance(value, dict):
        return {key: for_torch(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_torch(item) for item in value]
    return torch.tensor(value.numpy()) if isinstance(value, lucid.Tensor) else value


@pytest.mark.parametrize("name", NAMES)
def test_a_state_of_ours_goes_on_there(name):
    options = {"lr": 0.05} | OPTIONS.get(name, {})
    ours, theirs, rng = twins(np.float64)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, lr=0.3)
    for _ in range(3):
        feed(ours, theirs, rng)
        a.step()
    b.load_state_dict(for_torch(a.state_dict()))
    for p, q in zip(ours, theirs, strict=True):
        q.data.copy_(torch.tensor(p.detach().numpy()))
    for _ in range(3):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_without_gradients_lag_behind(name):
    options = {"lr": 0.05} | OPTIONS.get(name, {})
    ours, theirs, rng = twins(np.float64)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    for step in range(6):
        feed(ours, theirs, rng)
        if step % 2:
            ours[1].grad = theirs[1].grad = None
        if step < 3:
            ours[2].grad = theirs[2].grad = None
        for optimizer in (a, b):
            optimizer.param_groups[0]["lr"] = 0.05 / (1 + step)
            optimizer.step()
    assert_equal(ours, theirs, 1e-12)
    assert_same_state(a.state_dict(), b.state_dict())


# ---- those that see matrices ----------------------------------------------------------

MATRICES = [(3, 4), (4, 3), (5, 5)]


@pytest.mark.parametrize(
    "options",
    list(product(
        lr=[0.05], beta2_decay=[-0.8, -0.3], eps=[(None, 1e-3), (1e-2, 0.5)], d=[1.0, 2.0],
        weight_decay=[0.0, 0.1], maximize=[False, True],
    )),
)  # fmt: skip
def test_adafactor(options):
    ours, theirs, rng = twins(np.float64, [(3, 4), (4,), (2, 3, 2), ()])
    a, b = optim.Adafactor(ours, **options), torch.optim.Adafactor(theirs, **options)
    for _ in range(STEPS):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-10)
    assert_same_state(a.state_dict(), b.state_dict())
    a.load_state_dict(b.state_dict())
    b.load_state_dict(for_torch(a.state_dict()))
    feed(ours, theirs, rng)
    a.step()
    b.step()
    assert_equal(ours, theirs, 1e-10)


@pytest.mark.parametrize(
    "options",
    list(product(
        lr=[0.05], weight_decay=[0.0, 0.1], momentum=[0.95, 0.5], nesterov=[False, True],
        adjust_lr_fn=[None, "original", "match_rms_adamw"], ns_steps=[5, 2],
    )),
)  # fmt: skip
def test_muon(options, monkeypatch):
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)  # it would round there
    ours, theirs, rng = twins(np.float64, MATRICES)
    a, b = optim.Muon(ours, **options), torch.optim.Muon(theirs, **options)
    for _ in range(STEPS):
        feed(ours, theirs, rng)
        a.step()
        b.step()
    assert_equal(ours, theirs, 1e-10)
    assert_same_state(a.state_dict(), b.state_dict())
    a.load_state_dict(b.state_dict())
    b.load_state_dict(for_torch(a.state_dict()))


def test_muon_beside_bfloat16():
    ours, theirs, rng = twins(np.float32, MATRICES)
    a, b = optim.Muon(ours, lr=0.1), torch.optim.Muon(theirs, lr=0.1)
    feed(ours, theirs, rng)
    a.step()
    b.step()
    assert_equal(ours, theirs, 5e-3)


# ---- LBFGS ----------------------------------------------------------------------------


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quartic(x):
    return ((x - 1) ** 4).sum() + (x[0] * x[1] - x[2]) ** 2 + 0.01 * (x * x).sum()


@pytest.mark.parametrize("loss", [rosenbrock, quartic])
@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[1.0, 0.3], max_iter=[20, 5], history_size=[100, 3],
            line_search_fn=["strong_wolfe"],
        ),
        {"lr": 1e-4, "max_iter": 7},
        {"lr": 1e-3, "max_eval": 4},
    ],
)  # fmt: skip
def test_lbfgs(loss, options):
    start = np.random.default_rng(3).standard_normal(6)
    x, y = lucid.tensor(start.copy(), requires_grad=True), torch.tensor(start, requires_grad=True)
    a, b = optim.LBFGS([x], **options), torch.optim.LBFGS([y], **options)

    def closure(optimizer, point):
        def compute():
            optimizer.zero_grad()
            value = loss(point)
            value.backward()
            return value

        return compute

    for _ in range(8):
        first, expected = a.step(closure(a, x)), b.step(closure(b, y))
        np.testing.assert_allclose(first.item(), expected.item(), rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(x.detach().numpy(), y.detach().numpy(), rtol=1e-6, atol=1e-7)
        ours, theirs = a.state[x], b.state[y]
        assert ours["n_iter"] == theirs["n_iter"]
        assert ours["func_evals"] == theirs["func_evals"]
    b.load_state_dict(for_torch(a.state_dict()))
    a.load_state_dict(b.state_dict())
    a.step(closure(a, x))
    b.step(closure(b, y))
    np.testing.assert_allclose(x.detach().numpy(), y.detach().numpy(), rtol=1e-6, atol=1e-7)


SCHEDULES = [
    ("LambdaLR", {"lr_lambda": lambda epoch: 0.9**epoch}),
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [2, 5, 5, 8], "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.8}),
    ("LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 4}),
    ("CosineAnnealingLR", {"T_max": 5, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 4}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.9 + 0.01 * epoch}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 4}),
    ("ConstantLR", {}),
    ("PolynomialLR", {"total_iters": 7, "power": 1.5}),
    ("PolynomialLR", {}),
    *(("CosineAnnealingWarmRestarts", case) for case in product(
        T_0=[1, 4], T_mult=[1, 2], eta_min=[0.0, 0.01],
    )),
    *(("CyclicLR", case) for case in product(
        base_lr=[0.01, [0.01, 0.02]], max_lr=[0.1], step_size_up=[3], step_size_down=[None, 5],
        mode=["triangular", "triangular2", "exp_range"], gamma=[0.9],
    )),
    ("CyclicLR", {
        "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3, "scale_fn": lambda x: 1 / (1 + x),
        "scale_mode": "iterations", "cycle_momentum": False,
    }),
    *(("OneCycleLR", case) for case in product(
        max_lr=[0.5, [0.5, 0.3]], total_steps=[100], pct_start=[0.3, 0.5],
        anneal_strategy=["cos", "linear"], three_phase=[False, True],
    )),
    ("OneCycleLR", {"max_lr": 0.5, "epochs": 10, "steps_per_epoch": 10, "cycle_momentum": False}),
]  # fmt: skip


def optimizers(name="SGD"):
    ours, theirs, _ = twins(np.float64)
    groups = lambda ps: [{"params": ps[:2]}, {"params": ps[2:], "lr": 0.3}]  # noqa: E731
    options = {"lr": 0.1} | ({"momentum": 0.9} if name == "SGD" else {})
    return getattr(optim, name)(groups(ours), **options), getattr(torch.optim, name)(
        groups(theirs), **options
    )


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_schedules(name, options, optimizer):
    a, b = optimizers(optimizer)
    ours = getattr(optim, name)(a, **options)
    theirs = getattr(torch.optim.lr_scheduler, name)(b, **options)
    for _ in range(STEPS):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)
        assert ours.get_last_lr() == rates(a)
        for key in ("momentum", "betas"):
            given, expected = a.param_groups[0].get(key, ()), b.param_groups[0].get(key, ())
            np.testing.assert_allclose(given, expected, rtol=1e-12)
        ours.step()
        theirs.step()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_states_of_schedules_travel(name, options):
    a, b = optimizers()
    ours = getattr(optim, name)(a, **options)
    theirs = getattr(torch.optim.lr_scheduler, name)(b, **options)
    for _ in range(7):
        theirs.step()
    ours.load_state_dict(theirs.state_dict())
    a.load_state_dict(b.state_dict())
    for _ in range(4):
        ours.step()
        theirs.step()
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)
    _, b = optimizers()
    theirs = getattr(torch.optim.lr_scheduler, name)(b, **options)
    theirs.load_state_dict(ours.state_dict())
    for group, saved in zip(b.param_groups, a.state_dict()["param_groups"], strict=True):
        group.update({key: value for key, value in saved.items() if key != "params"})
    for _ in range(4):
        ours.step()
        theirs.step()
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_schedules_resumed_at_an_epoch(name, options):
    a, b = optimizers()
    for o, module in ((a, optim), (b, torch.optim.lr_scheduler)):
        getattr(module, name)(o, **options)
    ours = getattr(optim, name)(a, **options, last_epoch=5)
    theirs = getattr(torch.optim.lr_scheduler, name)(b, **options, last_epoch=5)
    for _ in range(10):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)
        ours.step()
        theirs.step()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("T_mult", [1, 2])
def test_warm_restarts_at_fractions_of_epochs(T_mult):
    a, b = optimizers()
    ours = optim.CosineAnnealingWarmRestarts(a, 3, T_mult)
    theirs = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(b, 3, T_mult)
    for epoch in np.arange(0, 20, 0.3).tolist():
        ours.step(epoch)
        theirs.step(epoch)
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_chained():
    a, b = optimizers()
    chains = []
    for o, module in ((a, optim), (b, torch.optim.lr_scheduler)):
        parts = [
            module.ConstantLR(o, 0.5, total_iters=4),
            module.ExponentialLR(o, 0.9),
            module.StepLR(o, 3),
        ]
        chains.append(module.ChainedScheduler(parts))
    for _ in range(12):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-12)
        assert chains[0].get_last_lr() == rates(a)
        for chain in chains:
            chain.step()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
@pytest.mark.parametrize("place", ["first", "second"])
def test_any_schedule_in_sequence(name, options, place):
    a, b = optimizers()
    sequences = []
    for o, module in ((a, optim), (b, torch.optim.lr_scheduler)):
        parts = [getattr(module, name)(o, **options), module.LinearLR(o, 0.1, total_iters=4)]
        if place == "second":
            parts.reverse()
        sequences.append(module.SequentialLR(o, parts, [6]))
    for _ in range(15):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9, atol=1e-12)
        for sequence in sequences:
            sequence.step()


@pytest.mark.filterwarnings("ignore")
def test_two_schedules_on_one_optimizer():
    a, b = optimizers()
    chains = []
    for o, module in ((a, optim), (b, torch.optim.lr_scheduler)):
        chains.append([module.LinearLR(o, 0.5, total_iters=3), module.ExponentialLR(o, 0.9)])
    for _ in range(6):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-12)
        for scheduler in itertools.chain(*chains):
            scheduler.step()


@pytest.mark.filterwarnings("ignore")
def test_schedules_in_sequence():
    a, b = optimizers()
    ours, theirs = (
        module.SequentialLR(
            o,
            [
                module.LinearLR(o, 0.1, total_iters=4),
                module.CosineAnnealingLR(o, 6),
                module.ExponentialLR(o, 0.5),
            ],
            milestones=[4, 9],
        )
        for o, module in ((a, optim), (b, torch.optim.lr_scheduler))
    )
    for _ in range(14):
        np.testing.assert_allclose(rates(a), rates(b), rtol=1e-9)
        ours.step()
        theirs.step()


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("cooldown", [0, 2])
def test_plateau(mode, threshold_mode, cooldown):
    a, b = optimizers()
    options = {
        "mode": mode, "threshold_mode": threshold_mode, "cooldown": cooldown,
        "patience": 1, "factor": 0.5, "threshold": 0.05, "min_lr": [0.02, 0.01],
    }  # fmt: skip
    ours = optim.ReduceLROnPlateau(a, **options)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(b, **options)
    rng = np.random.default_rng(1)
    for value in [*rng.uniform(0.5, 1.5, 40), float("nan"), float("nan"), float("nan")]:
        ours.step(value)
        theirs.step(value)
        assert rates(a) == rates(b)


@pytest.mark.parametrize("order", [2.0, 1.0, 3.0, 0.5, float("inf")])
@pytest.mark.parametrize("limit", [0.0, 0.5, 1e6])
def test_clip_grad_norm(order, limit):
    ours, theirs, rng = twins(np.float64, SHAPES[:4])
    feed(ours, theirs, rng)
    norm = optim.clip_grad_norm_(ours, limit, order)
    expected = torch.nn.utils.clip_grad_norm_(theirs, limit, order)
    np.testing.assert_allclose(norm.numpy(), expected.numpy(), rtol=1e-12)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)


def test_clip_grad_value():
    ours, theirs, rng = twins(np.float32)
    feed(ours, theirs, rng)
    ours[0].grad.data[0, 0] = np.nan
    theirs[0].grad[0, 0] = np.nan
    optim.clip_grad_value_(ours, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), q.grad.numpy())
