"""What every optimizer shares: groups, refusals, state, odd parameters, stale graphs."""

import copy
import math

import ml_dtypes
import numpy as np
import pytest

import lucid
from lucid import optim
from lucid.errors import (
    ArgumentError,
    DTypeError,
    GradError,
    ShapeError,
    StateError,
    UnimplementedError,
)

ALL = [
    optim.SGD,
    optim.Adam,
    optim.AdamW,
    optim.RMSprop,
    optim.Adamax,
    optim.NAdam,
    optim.RAdam,
    optim.Adagrad,
    optim.Adadelta,
    optim.Rprop,
    optim.ASGD,
    optim.Lion,
    optim.Adafactor,
]
MOMENTUM = {optim.SGD: {"momentum": 0.9}, optim.RMSprop: {"momentum": 0.9, "centered": True}}


def leaf(*shape, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    return lucid.tensor(np.asarray(rng.standard_normal(shape)).astype(dtype), requires_grad=True)


def give(parameter, seed=0):
    rng = np.random.default_rng(seed)
    g = np.asarray(rng.standard_normal(parameter.shape)).astype(parameter.dtype)
    parameter.grad = lucid.tensor(g)


# ---- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ([], ArgumentError, "SGD: params is empty"),
        (iter(()), ArgumentError, "params is empty"),
        (leaf(2), ArgumentError, "not one tensor"),
        ({"w": leaf(2)}, ArgumentError, "not a dict"),
        ({1, 2}, ArgumentError, "a set has not"),
        (3, ArgumentError, "not int"),
        ([1.0], ArgumentError, "parameter 0 of group 0 must be a Tensor, not float"),
        ([leaf(2) * 2], ArgumentError, "parameter 0 of group 0 is the result of an operation"),
        ([lucid.tensor([1, 2])], DTypeError, "floating or complex"),
        ([{"lr": 0.1}], ArgumentError, 'a dict with "params"'),
        ([{"params": [leaf(2)], "momentun": 0.9}], ArgumentError, "did you mean 'momentum'"),
        ([("weight", leaf(2) * 2)], ArgumentError, r"of group 0 \(weight\) is the result"),
    ],
)
def test_bad_parameters(params, error, match):
    with pytest.raises(error, match=match):
        optim.SGD(params, lr=0.1)


def test_a_module_in_place_of_its_parameters():
    class Module:
        def parameters(self):
            return []

    with pytest.raises(ArgumentError, match=r"model\.parameters\(\)"):
        optim.Adam(Module())


def test_duplicates():
    w = leaf(2)
    with pytest.raises(ArgumentError, match="parameter 1 of group 0 is there twice"):
        optim.SGD([w, w])
    optimizer = optim.SGD([w])
    with pytest.raises(ArgumentError, match="parameter 1 of group 1 is there twice"):
        optimizer.add_param_group({"params": [leaf(3), w]})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize(
    ("cls", "options", "match"),
    [
        (optim.SGD, {"lr": -1.0}, "SGD: lr must be a finite number of at least 0, not -1.0"),
        (optim.SGD, {"lr": math.nan}, "lr"),
        (optim.SGD, {"lr": math.inf}, "lr"),
        (optim.SGD, {"lr": "fast"}, "lr"),
        (optim.SGD, {"lr": True}, "lr"),
        (optim.SGD, {"momentum": -0.1}, "momentum"),
        (optim.SGD, {"weight_decay": -0.1}, "weight_decay"),
        (optim.SGD, {"nesterov": True}, "nesterov needs momentum"),
        (optim.SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "no dampening"),
        (optim.Adam, {"betas": (0.9, 1.0)}, r"Adam: betas\[1\] must be a number from 0 to below 1"),
        (optim.Adam, {"betas": 0.9}, "betas must be two numbers"),
        (optim.Adam, {"eps": -1e-8}, "eps"),
        (optim.AdamW, {"weight_decay": -1}, "AdamW: weight_decay"),
        (optim.RMSprop, {"alpha": 1.5}, "RMSprop: alpha"),
        (optim.Adamax, {"betas": (1.0, 0.5)}, r"Adamax: betas\[0\]"),
        (optim.NAdam, {"momentum_decay": -1}, "NAdam: momentum_decay"),
        (optim.RAdam, {"eps": -1}, "RAdam: eps"),
        (optim.Adagrad, {"lr_decay": -1}, "Adagrad: lr_decay"),
        (optim.Adadelta, {"rho": 1.5}, "Adadelta: rho"),
        (optim.Rprop, {"etas": (1.5, 0.5)}, "Rprop: etas"),
        (optim.ASGD, {"weight_decay": -1}, "ASGD: weight_decay"),
        (optim.Lion, {"betas": 0.9}, "Lion: betas"),
        (optim.Adafactor, {"d": 0.5}, "Adafactor: d must be"),
        (optim.Adafactor, {"beta2_decay": 0.5}, "Adafactor: beta2_decay"),
        (optim.Muon, {"adjust_lr_fn": "other"}, "Muon: adjust_lr_fn"),
        (optim.Muon, {"ns_steps": 100}, "Muon: ns_steps"),
        (optim.LBFGS, {"line_search_fn": "armijo"}, "LBFGS: line_search_fn"),
        (optim.LBFGS, {"max_iter": 0}, "LBFGS: max_iter"),
    ],
)
def test_bad_options(cls, options, match):
    with pytest.raises(ArgumentError, match=match):
        cls([leaf(2)], **options)
    with pytest.raises(ArgumentError, match=match):
        cls([{"params": [leaf(2)], **options}])


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"capturable": True}, UnimplementedError, "Adam: capturable=True needs a CUDA device"),
        ({"differentiable": True}, UnimplementedError, "Adam: differentiable=True would record"),
        ({"foreach": True, "fused": True}, ArgumentError, "foreach and fused"),
    ],
)
def test_execution_options(options, error, match):
    with pytest.raises(error, match=match):
        optim.Adam([leaf(2)], **options)
    with pytest.raises(error, match=match):
        optim.Adam([leaf(2)]).load_state_dict(optim_state(options))
    assert optim.Adam([leaf(2)], foreach=True).param_groups[0]["foreach"] is True


def optim_state(options):
    state = optim.Adam([leaf(2)]).state_dict()
    state["param_groups"][0].update(options)
    return state


def test_what_is_not_for_complex_numbers():
    for cls in (optim.Adafactor, optim.Muon):
        with pytest.raises(DTypeError, match="real parameters only"):
            cls([leaf(2, 2, dtype=np.complex64)])


def test_muon_takes_matrices_only():
    with pytest.raises(ShapeError, match="Muon: takes matrices only"):
        optim.Muon([leaf(2)])


def test_sparse_adam_is_refused_by_name():
    with pytest.raises(UnimplementedError, match=r"SparseAdam.*no sparse"):
        optim.SparseAdam([leaf(2)])


def test_lbfgs_refusals():
    optimizer = optim.LBFGS([leaf(2)])
    with pytest.raises(ArgumentError, match="needs a closure"):
        optimizer.step()
    with pytest.raises(ArgumentError, match="one group"):
        optimizer.add_param_group({"params": [leaf(2)]})
    with pytest.raises(ArgumentError, match="one group"):
        optim.LBFGS([{"params": [leaf(2)]}, {"params": [leaf(2)]}])
    state = optimizer.state_dict()
    state["state"] = {0: {"d": lucid.zeros(3)}}
    with pytest.raises(StateError, match="'d' has 3 numbers"):
        optimizer.load_state_dict(state)


def test_gradients_that_do_not_fit_change_nothing():
    first, second = leaf(3), leaf(2, 3)
    optimizer = optim.Adam([{"params": [first]}, {"params": [second]}])
    give(first)
    give(second)
    second.grad.data = lucid.zeros(3, 2)
    before = first.detach().numpy().copy()
    with pytest.raises(ShapeError, match=r"(?s)Adam.step: the gradient of parameter 0 of group 1"):
        optimizer.step()
    np.testing.assert_array_equal(first.detach().numpy(), before)
    assert optimizer.state == {}


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_check_finite(cls, bad):
    first, second = leaf(3), leaf(2, 2)
    optimizer = cls([("a", first), ("b.weight", second)], check_finite=True)
    give(first)
    give(second)
    second.grad.data[1, 1] = bad
    before = first.detach().numpy().copy()
    with pytest.raises(GradError, match=r"parameter 1 of group 0 \(b.weight\)") as caught:
        optimizer.step()
    assert "float32[2, 2]" in str(caught.value)
    np.testing.assert_array_equal(first.detach().numpy(), before)
    second.grad.data[1, 1] = 3e38  # finite, though its square is not
    optimizer.step()


def test_check_finite_of_the_closure():
    w = leaf(3)
    optimizer = optim.SGD([w], lr=0.1, check_finite=True)
    before = w.detach().numpy().copy()

    def closure():
        give(w)
        return (w * math.nan).sum()

    with pytest.raises(GradError, match="the loss is not finite"):
        optimizer.step(closure)
    np.testing.assert_array_equal(w.detach().numpy(), before)


def test_without_check_finite_nan_passes_through():
    w = leaf(2)
    w.grad = lucid.tensor([math.nan, 0.0])
    optim.SGD([w], lr=0.1).step()
    assert np.isnan(w.detach().numpy()).tolist() == [True, False]


def test_read_only_memory():
    w = leaf(3)
    w.data = np.broadcast_to(np.float32(1), (3,))
    give(w)
    with pytest.raises(ArgumentError, match="read-only"):
        optim.SGD([w]).step()


# ---- the step -------------------------------------------------------------------------


def test_closure_runs_with_gradients_and_its_loss_is_returned():
    w = leaf(3)
    optimizer = optim.SGD([w], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    before = float((w * w).sum())
    with lucid.no_grad():
        loss = optimizer.step(closure)
    assert float(loss) == before
    assert float((w * w).sum()) < before


def test_zero_grad():
    w, v = leaf(3), leaf(2)
    optimizer = optim.SGD([w, v])
    give(w)
    grad = w.grad
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == grad.tolist() == [0, 0, 0]
    assert v.grad is None
    optimizer.zero_grad()
    assert w.grad is None


def test_a_graph_from_before_the_step_is_stale():
    w = leaf(3)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(GradError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("cls", [c for c in ALL if c not in (optim.Rprop, optim.ASGD)])
def test_options_may_change_between_steps(cls):
    w, v = leaf(3), leaf(3)
    a, b = cls([w], lr=0.1), cls([v], lr=0.1)
    for step in range(3):
        give(w, step)
        give(v, step)
        if step == 1:
            a.param_groups[0]["lr"] = 0.0
            before = w.detach().numpy().copy()
        a.step()
        b.step()
        if step == 1:
            np.testing.assert_array_equal(w.detach().numpy(), before)
            a.param_groups[0]["lr"] = 0.1
    assert not np.array_equal(w.detach().numpy(), v.detach().numpy())


def test_momentum_switched_on_later():
    w = leaf(3)
    optimizer = optim.SGD([w], lr=0.1)
    give(w)
    optimizer.step()
    assert optimizer.state == {}
    optimizer.param_groups[0]["momentum"] = 0.9
    optimizer.step()
    np.testing.assert_array_equal(optimizer.state[w]["momentum_buffer"].numpy(), w.grad.numpy())


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_is_updated_in_float32(cls, dtype):
    w = leaf(4, dtype=dtype)
    wide = lucid.tensor(w.detach().numpy().astype(np.float32), requires_grad=True)
    a, b = (cls([p], lr=0.01, **MOMENTUM.get(cls, {})) for p in (w, wide))
    for step in range(5):
        give(w, step)
        wide.grad = lucid.tensor(w.grad.numpy().astype(np.float32))
        a.step()
        b.step()
        wide.data[...] = wide.data.astype(dtype)  # rounded after each step
    assert w.dtype == dtype
    np.testing.assert_array_equal(w.detach().numpy(), wide.detach().numpy().astype(dtype))


def test_eps_does_not_vanish_in_float16():
    w = leaf(2, dtype=np.float16)
    w.grad = lucid.tensor(np.zeros(2, np.float16))
    optim.Adam([w]).step()
    assert np.isfinite(w.detach().numpy()).all()


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize(
    "layout",
    [
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        lambda a: a[::-1][::-1].copy()[::-1],
        lambda a: a.astype(">f4"),
    ],
)
def test_layouts(cls, layout):
    w, v = leaf(3, 4), leaf(3, 4)
    w.data = layout(w.data)
    v.data = np.ascontiguousarray(w.data, np.float32)
    a, b = (cls([p], lr=0.01, **MOMENTUM.get(cls, {})) for p in (w, v))
    data = w.data
    for step in range(4):
        give(v, step)
        w.grad = lucid.tensor(v.grad.numpy())
        w.grad.data = np.asfortranarray(w.grad.data)
        a.step()
        b.step()
    assert w.data is data
    np.testing.assert_array_equal(w.detach().numpy(), v.detach().numpy())


def test_a_parameter_may_get_a_new_array():
    w, v = leaf(3), leaf(3)
    a, b = optim.Adam([w], lr=0.1), optim.Adam([v], lr=0.1)
    for step in range(4):
        give(w, step)
        give(v, step)
        a.step()
        b.step()
        w.data = w.data.copy()
    np.testing.assert_array_equal(w.detach().numpy(), v.detach().numpy())
    w.data = np.zeros((4,), np.float32)
    give(w)
    with pytest.raises(ShapeError, match="has changed its shape"):
        a.step()


def test_gradient_of_another_dtype():
    w = leaf(3)
    w.grad = lucid.tensor(np.ones(3, np.float64))
    before = w.detach().numpy().copy()
    optim.SGD([w], lr=0.5).step()
    np.testing.assert_array_equal(w.detach().numpy(), before - np.float32(0.5))
    w.grad = lucid.tensor(np.ones(3, np.complex64))
    with pytest.raises(GradError, match="is complex"):
        optim.SGD([w], lr=0.5).step()


def test_centered_rmsprop_survives_a_constant_gradient():
    w = lucid.tensor(np.ones(8, np.float32), requires_grad=True)
    optimizer = optim.RMSprop([w], lr=1e-4, alpha=0.5, centered=True, eps=1e-3)
    for step in range(200):
        w.grad = lucid.tensor(np.full(8, 0.1 + 0.01 * (step < 5), np.float32))
        optimizer.step()
    assert np.isfinite(w.detach().numpy()).all()


def test_what_has_decayed_is_tidied_up():
    w = leaf(4)
    optimizer = optim.Adam([w])
    give(w)
    for _ in range(1024):
        optimizer.step()
        w.grad = lucid.zeros(4)
    assert (optimizer.state[w]["exp_avg"].numpy() == 0).all()


def test_named_parameters_and_repr():
    optimizer = optim.SGD([("w", leaf(2)), ("b", leaf(2))], lr=0.5)
    assert optimizer.param_groups[0]["param_names"] == ("w", "b")
    assert repr(optimizer).startswith("SGD (\nParameter Group 0\n    dampening: 0.0\n")


def test_replaced_params_are_noticed():
    optimizer = optim.SGD([leaf(2)])
    optimizer.param_groups[0]["params"] = [leaf(2)]
    with pytest.raises(ArgumentError, match="was replaced"):
        optimizer.step()


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_lbfgs_takes_several_parameters_and_complex_ones(dtype):
    w, v = leaf(2, 3, dtype=dtype), leaf(4, dtype=np.float64)
    optimizer = optim.LBFGS([w, v], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = ((w - 1).abs() ** 2).sum() + ((v + 2) ** 4).sum()
        loss.backward()
        return loss

    for _ in range(5):
        optimizer.step(closure)
    np.testing.assert_allclose(w.detach().numpy(), 1, atol=1e-3)
    np.testing.assert_allclose(v.detach().numpy(), -2, atol=0.05)


def test_lion_is_its_formula():
    w = leaf(5, dtype=np.float64)
    p, m = w.detach().numpy().copy(), np.zeros(5)
    optimizer = optim.Lion([w], lr=0.1, betas=(0.8, 0.7), weight_decay=0.2)
    for step in range(10):
        give(w, step)
        g = w.grad.numpy()
        p = p * (1 - 0.1 * 0.2) - 0.1 * np.sign(0.8 * m + (1 - 0.8) * g)
        m = 0.7 * m + (1 - 0.7) * g
        optimizer.step()
    np.testing.assert_allclose(w.detach().numpy(), p, rtol=1e-12)


# ---- hooks ----------------------------------------------------------------------------


def test_step_hooks():
    w, seen = leaf(3), []
    optimizer = optim.SGD([w], lr=0.1)
    everywhere = [
        optim.register_optimizer_step_pre_hook(lambda *_: seen.append("all before")),
        optim.register_optimizer_step_post_hook(lambda *_: seen.append("all after")),
    ]
    replaced = []

    def before(optimizer, args, kwargs):
        seen.append(("before", args[0] is optimizer, len(args), kwargs))
        return (args[0], lambda: replaced.append(1)), {}

    handle = optimizer.register_step_pre_hook(before)
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    optimizer.step()
    assert seen == ["all before", ("before", True, 1, {}), "after", "all after"]
    assert replaced == [1]
    handle.remove()
    for handle in everywhere:
        handle.remove()
    del seen[:]
    optimizer.step()
    assert seen == ["after"]
    optimizer.register_step_pre_hook(lambda *_: "closure")
    with pytest.raises(ArgumentError, match="a pair"):
        optimizer.step()
    with pytest.raises(ArgumentError, match="callable"):
        optimizer.register_step_post_hook(3)


def test_state_dict_hooks():
    optimizer, seen = optim.SGD([leaf(3)], lr=0.1), []
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("save"))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "extra": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: state.pop("extra") and None)
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    state = optimizer.state_dict()
    assert state["extra"] == 1
    optimizer.load_state_dict(state)
    assert "extra" in state
    assert seen == ["first", "save", "loaded"]


# ---- state ----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ALL)
def test_state_round_trip_goes_on_alike(cls):
    options = MOMENTUM.get(cls, {"amsgrad": True} if issubclass(cls, optim.Adam) else {})
    w, v = [leaf(2, 3), leaf(3)], [leaf(2, 3), leaf(3)]
    a, b = cls(w, lr=0.01, **options), cls(v, lr=0.5)
    for step in range(6):
        for i, (p, q) in enumerate(zip(w, v, strict=True)):
            give(p, step * 2 + i)
            give(q, step * 2 + i)
        if step == 3:
            b.load_state_dict(a.state_dict())
            for p, q in zip(w, v, strict=True):
                q.data[...] = p.data
        a.step()
        b.step()
    for p, q in zip(w, v, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
    assert b.param_groups[0]["lr"] == 0.01


def broken(change):
    w = [leaf(2, 3), leaf(3)]
    optimizer = optim.Adam(w)
    for p in w:
        give(p)
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    change(state)
    return optimizer, state


def drop_state(state):
    del state["state"]


def resize(state):
    state["state"][1]["exp_avg"] = lucid.zeros(4)


def lose(state):
    del state["state"][1]["exp_avg_sq"]


def regroup(state):
    state["param_groups"][0]["params"] = [0]


def misname(state):
    del state["param_groups"][0]["betas"]


def bad_rate(state):
    state["param_groups"][0]["lr"] = -1.0


def stranger(state):
    state["state"][7] = state["state"].pop(1)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (drop_state, '"state" and "param_groups"'),
        (resize, "'exp_avg' saved for parameter 1 of group 0 has another shape"),
        (lose, "not what the optimizer remembers"),
        (regroup, "other numbers of parameters"),
        (misname, r"lacks the options \['betas'\]"),
        (bad_rate, "lr must be"),
        (stranger, "no saved group names"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, match):
    optimizer, state = broken(change)
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises((StateError, ArgumentError), match=match):
        optimizer.load_state_dict(state)
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for i, entry in before["state"].items():
        for name, value in entry.items():
            np.testing.assert_array_equal(after["state"][i][name], value)


def test_deepcopy_with_its_parameters():
    w = leaf(3)
    optimizer = optim.Adam([w], lr=0.1)
    give(w)
    optimizer.step()
    twin, v = copy.deepcopy((optimizer, w))
    assert twin.param_groups[0]["params"][0] is v
    give(w, 1)
    give(v, 1)
    before = w.detach().numpy().copy()
    twin.step()
    np.testing.assert_array_equal(w.detach().numpy(), before)
    optimizer.step()
    np.testing.assert_array_equal(w.detach().numpy(), v.detach().numpy())


def test_groups_with_nothing_to_do():
    w = leaf(2)
    optimizer = optim.Adam([{"params": []}, {"params": [w]}])
    before = w.detach().numpy().copy()
    assert optimizer.step() is None
    np.testing.assert_array_equal(w.detach().numpy(), before)
    assert optimizer.state_dict()["state"] == {}
    give(w)
    optimizer.step()
    assert optimizer.state[w]["step"] == 1


def test_float32_and_float64_in_one_group():
    ws = [leaf(3), leaf(3, dtype=np.float64), leaf(3, dtype=np.float16)]
    alone = [leaf(3), leaf(3, dtype=np.float64), leaf(3, dtype=np.float16)]
    together, others = optim.Adam(ws), [optim.Adam([p]) for p in alone]
    for step in range(3):
        for p in (*ws, *alone):
            give(p, step)
        for optimizer in (together, *others):
            optimizer.step()
    for p, q in zip(ws, alone, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
