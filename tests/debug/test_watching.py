"""Watching layers: right numbers, the same training, nothing left behind, and the words."""

import io
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lucid
from lucid import nn
from lucid.debug import watch
from lucid.debug.moments import Moments, silent_units
from lucid.optim.hooks import AFTER_ALL, BEFORE_ALL


@pytest.fixture(autouse=True)
def seeded():
    lucid.manual_seed(0)


def mlp(depth=1, act=nn.ReLU, width=16):
    layers = [nn.Linear(4, width), act()]
    for _ in range(depth):
        layers += [nn.Linear(width, width), act()]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def train(model, steps=3, lr=0.01, accumulate=1):
    optimizer = lucid.optim.Adam(model.parameters(), lr=lr)
    x = lucid.randn(64, 4)
    y = x[:, :1].sin()
    for _ in range(steps):
        optimizer.zero_grad()
        for _ in range(accumulate):
            loss = nn.HuberLoss()(model(x), y)
            loss.backward()
        optimizer.step()
    return loss.item()


# ---- the numbers ----------------------------------------------------------------------


@given(
    arrays.arrays(
        st.sampled_from(["f4", "f8", "f2", "i8"]),
        arrays.array_shapes(min_dims=0, max_dims=3),
        elements=st.integers(-3, 3),
    ),
    st.booleans(),
)
def test_moments_are_those_of_numpy(x, spoiled):
    if spoiled and x.dtype.kind == "f":
        x.flat[0] = np.nan
    known = x[np.isfinite(x)].astype(float)
    m = Moments.of(x)
    assert (m.size, m.bad, m.zeros) == (x.size, x.size - known.size, np.sum(known == 0))
    if known.size:
        np.testing.assert_allclose(
            [m.mean, m.std, m.rms],
            [known.mean(), known.std(), np.sqrt(np.square(known).mean())],
            rtol=1e-6,
            atol=1e-6,
        )
    else:
        assert np.isnan([m.mean, m.std]).all()


def test_moments_of_parts_add_up():
    x, y = np.random.default_rng(0).normal(size=(2, 50))
    both = Moments.of(np.concatenate([x, y]))
    np.testing.assert_allclose(Moments.of(x) + Moments.of(y), both, rtol=1e-12)


def test_large_numbers_do_not_overflow():
    m = Moments.of(np.full(10, 1e30, np.float32))
    assert m.rms == pytest.approx(1e30)
    assert (m.bad, m.std) == (0, pytest.approx(0, abs=1e24))
    assert Moments.of(np.array([3 + 4j])).mean == 5.0


def test_units_of_images_are_channels():
    x = np.ones((2, 3, 4, 4))
    x[:, 1] = 0
    x[0, 2] = 0
    assert silent_units(x).tolist() == [False, True, False]
    assert silent_units(np.zeros((2, 5, 3))).tolist() == [True] * 3


def test_outputs_gradients_and_updates():
    model = mlp()
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    x = lucid.randn(8, 4)
    hidden = model[0](x).relu().detach().numpy()
    with watch(model) as watched:
        model(x).square().mean().backward()
        before = model[2].weight.detach().numpy().copy(), model[2].bias.detach().numpy().copy()
        optimizer.step()
    relu, dense = watched["1"], watched["2"]
    np.testing.assert_allclose(relu.output.mean, hidden.mean(), rtol=1e-5)
    np.testing.assert_allclose(relu.output.std, hidden.std(), rtol=1e-5)
    assert relu.output.zero_share == np.mean(hidden == 0)
    assert relu.gradient is relu.update is None
    grads = np.concatenate([p.grad.numpy().ravel() for p in model[2].parameters()])
    np.testing.assert_allclose(dense.gradient.mean, grads.mean(), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(dense.gradient.std, grads.std(), rtol=1e-5)
    size = np.sqrt(sum(np.square(b).sum() for b in before))
    assert dense.update == pytest.approx(0.1 * np.linalg.norm(grads) / size, rel=1e-4)
    assert watched.step == 1
    assert [*watched.history] == [1]


def test_gradients_that_are_accumulated():
    model = mlp()
    with watch(model) as watched:
        train(model, steps=1, accumulate=3)
    expected = np.concatenate([p.grad.numpy().ravel() for p in model[4].parameters()])
    assert watched["4"].gradient.rms == pytest.approx(np.sqrt(np.square(expected).mean()), rel=1e-5)


def test_layers_stand_in_the_order_in_which_they_run():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Linear(4, 1)
            self.first = nn.Linear(4, 4)
            self.unused = nn.Linear(1, 1)

        def forward(self, x):
            return self.last(self.first(x))

    model = Backwards()
    with watch(model) as watched:
        model(lucid.ones(2, 4))
    assert [layer.name for layer in watched.layers] == ["first", "last"]
    assert watched["unused"].output is None


def test_layers_of_other_kinds():
    conv = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
    with watch(conv) as watched:
        conv(lucid.randn(2, 1, 4, 4)).sum().backward()
    assert watched["1"].units == 3
    assert watched["0"].gradient.size == 30

    lstm = nn.LSTM(3, 4)
    with watch(lstm) as watched:
        lstm(lucid.randn(5, 2, 3))[0].sum().backward()
    assert watched["LSTM"].output.size == 40

    attention = nn.MultiheadAttention(4, 2)
    with watch(attention) as watched:
        x = lucid.randn(5, 2, 4)
        attention(x, x, x)[0].sum().backward()
    assert watched["MultiheadAttention"].gradient is not None


def test_a_frozen_layer_has_no_gradient():
    model = mlp()
    model[0].requires_grad_(False)
    with watch(model) as watched:
        train(nn.Sequential(*model), steps=1)
    assert watched["0"].gradient is None
    assert watched["2"].gradient is not None


def test_another_models_optimizer_is_no_step():
    model, other = mlp(), mlp()
    with watch(model) as watched:
        train(other)
        assert watched.step == 0
        train(model, steps=2)
    assert watched.step == 2


def test_only_every_so_often():
    model = mlp()
    with watch(model, every=3) as watched:
        train(model, steps=7)
    assert [*watched.history] == [1, 4, 7]
    assert watched.step == 7


# ---- that nothing else changes --------------------------------------------------------


def outcome(act, watched, hooked=False):
    """Loss and parameters after some steps."""
    lucid.manual_seed(3)
    model = nn.Sequential(mlp(2, act), nn.Dropout(0.2), nn.BatchNorm1d(1))
    for module in model[0] if hooked else ():
        module.register_forward_hook(lambda *_: None)
    if watched:
        with watch(model):
            loss = train(model, 6)
    else:
        loss = train(model, 6)
    return np.append(nn.utils.parameters_to_vector(model.parameters()).detach().numpy(), loss)


def test_training_is_the_same_bit_by_bit():
    np.testing.assert_array_equal(outcome(nn.Tanh, True), outcome(nn.Tanh, False))
    # Layers that have hooks do not run as one op with their neighbours.
    np.testing.assert_array_equal(outcome(nn.ReLU, True), outcome(nn.ReLU, False, hooked=True))


def test_dense_layers_run_one_by_one_and_differ_by_rounding():
    np.testing.assert_allclose(outcome(nn.ReLU, True), outcome(nn.ReLU, False), rtol=0, atol=1e-6)


def fail(_):
    return 1 // 0


def test_nothing_is_left_behind():
    model = mlp()
    watched = watch(model)
    with pytest.raises(ZeroDivisionError), watched:
        fail(train(model))
    assert not AFTER_ALL
    assert not BEFORE_ALL
    assert all(module._hooks is None for module in model.modules())
    assert all(p._node.extras is None for p in model.parameters())
    steps, shown = watched.step, repr(watched)
    train(model)
    assert watched.step == steps
    assert repr(watched) == shown
    watched.remove()  # once more does nothing


def test_the_hooks_of_others_stay():
    model, seen = mlp(), []
    model[0].register_forward_hook(lambda *_: seen.append("output"))
    model[0].weight.register_post_accumulate_grad_hook(lambda _: seen.append("gradient"))
    watch(model).remove()
    train(model, steps=1)
    assert seen == ["output", "gradient"]


def test_two_at_a_time():
    model = mlp()
    first, second = watch(model), watch(model)
    train(model, steps=1)
    first.remove()
    train(model, steps=1)
    second.remove()
    assert (first.step, second.step) == (1, 2)


# ---- words ----------------------------------------------------------------------------


def remarks(model, steps=3, **options):
    with watch(model) as watched:
        train(model, steps, **options)
    return watched.remarks


def test_all_is_well():
    assert remarks(mlp(act=nn.Tanh)) == []


def test_dead_units():
    model = mlp()
    with lucid.no_grad():
        model[0].bias[:3] = -50.0
        model[2].bias.fill_(-50.0)
    (first, second) = (words for words in remarks(model, 4) if "dead" in words)
    assert first.startswith("1: 3 of 16 units are dead")
    assert second.startswith("3: all units are dead")


def test_a_unit_is_dead_only_after_a_while():
    model = mlp()
    with lucid.no_grad():
        model[0].bias[:3] = -50.0
    with watch(model) as watched:
        model(lucid.randn(150, 4))
        assert watched["1"].dead_units == 0
        model(lucid.randn(50, 4))
        assert watched["1"].dead_units == 3
        with lucid.no_grad():
            model[0].bias[0] = 50.0
        model(lucid.randn(1, 4))
        assert watched["1"].dead_units == 2


def test_gradients_that_vanish():
    (words,) = (w for w in remarks(mlp(8, nn.Sigmoid)) if "gradients" in w)
    assert words.startswith("0: gradients vanish: their size (")
    assert "times smaller than that of 18" in words


def test_outputs_that_explode_and_vanish():
    model = mlp(4)
    with lucid.no_grad():
        for layer in model[::2]:
            layer.weight.mul_(40.0)
    (words,) = (w for w in remarks(model) if "outputs" in w)
    assert words.startswith("10: outputs explode: their spread (")
    assert "times larger than after 0; another initialisation" in words
    with lucid.no_grad():
        for layer in model[2::2]:
            layer.weight.mul_(1e-4)
            layer.bias.fill_(0.0)
    assert any(w.startswith("10: outputs vanish") for w in remarks(model, 1, lr=1e-9))


def test_gradients_that_explode():
    """Normalisation behind tiny weights hands on gradients that are as many times larger."""
    model = nn.Sequential(nn.Linear(4, 16), nn.LayerNorm(16, eps=1e-20), nn.Linear(16, 1))
    with lucid.no_grad():
        model[0].weight.mul_(1e-6)
        model[0].bias.fill_(0.0)
    (words,) = (w for w in remarks(model, steps=1, lr=1e-9) if "gradients" in w)
    assert words.startswith("0: gradients explode: their size (")
    assert "times larger than that of 2; clip_grad_norm_" in words


def test_updates_that_are_large():
    found = remarks(mlp(act=nn.Tanh), steps=1, lr=1.0)
    assert any("a step changes the weights by" in words for words in found)


def test_numbers_that_are_not():
    model = mlp(act=nn.Tanh)
    with lucid.no_grad():
        model[2].bias[1] = float("nan")
    found = remarks(model, steps=1)
    assert "2: 64 of 1,024 outputs are NaN or infinite; detect_anomaly() finds out why" in found


# ---- looks ----------------------------------------------------------------------------


def test_the_table():
    model = mlp()
    watched = watch(model)
    assert repr(watched) == "Watch of a model that has not run"
    with watched:
        train(model, steps=1)
    lines = repr(watched).splitlines()
    assert lines[0].split() == [
        *("layer", "kind", "output", "zeros", "gradient", "zeros", "update")
    ]
    assert lines[2].split()[:2] == ["0", "Linear"]
    assert lines[8] == "after 1 step"
    assert "± " in lines[3]
    assert f"{100 * watched['1'].output.zero_share:.0f} %" in lines[3]


def test_the_table_of_a_notebook():
    class Tag(nn.Module):
        def forward(self, x):
            return x.relu()

    Tag.__name__ = "<b>"
    model = nn.Sequential(nn.Linear(4, 1), Tag())
    with watch(model) as watched:
        train(model, steps=1)
    text = watched._repr_html_()
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert text.count("<tr>") == 3
    assert "after 1 step" in text


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_written_over_and_a_file_is_not():
    for stream, over in ((Terminal(), True), (io.StringIO(), False)):
        model = mlp(act=nn.Tanh)
        with watch(model, show_every=2, stream=stream) as watched:
            train(model, steps=4)
        text = stream.getvalue()
        assert "after 2 steps" in text
        assert "after 4 steps" in text
        lines = repr(watched).count("\n") + 1
        assert (f"\x1b[{lines}A\x1b[J" in text) is over


def test_a_notebook_is_brought_up_to_date(monkeypatch):
    shown = []
    handle = types.SimpleNamespace(update=lambda watched: shown.append(watched.step))
    notebook = types.SimpleNamespace(display=lambda watched, display_id: handle)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    model = mlp()
    with watch(model, show_every=1):
        train(model, steps=3)
    assert shown == [2, 3]


def test_the_figure(tmp_path):
    pytest.importorskip("matplotlib")
    model = mlp()
    with watch(model) as watched:
        train(model, steps=4)
    figure = watched.plot(tmp_path / "layers.png")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "spread of outputs",
        "zeros among outputs",
        "size of gradients",
        "update / weight",
    ]
    outputs = figure.axes[0].get_lines()
    assert len(outputs) == 5
    np.testing.assert_array_equal(outputs[0].get_xdata(), [1, 2, 3, 4])
    drawn = [row[0].output.std for row in watched.history.values()]
    np.testing.assert_array_equal(outputs[0].get_ydata(), drawn)
    assert len(figure.axes[1].get_lines()) == 2  # the rectifiers
    assert (tmp_path / "layers.png").stat().st_size > 10_000
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list("01234")


# ---- errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", [None, [nn.Linear(1, 1)], nn.Linear])
def test_not_a_module(model):
    with pytest.raises(TypeError, match=f"watch: takes an nn.Module, not {type(model).__name__}"):
        watch(model)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
@pytest.mark.parametrize("name", ["every", "show_every"])
def test_steps_are_positive_whole_numbers(name, value):
    with pytest.raises(ValueError, match=f"watch: {name} must be a positive whole number"):
        watch(mlp(), **{name: value})


def test_every_none_is_refused():
    with pytest.raises(ValueError, match="every must be"):
        watch(mlp(), every=None)


def test_an_unknown_layer():
    with (
        watch(mlp()) as watched,
        pytest.raises(ValueError, match=r"(?s)no layer '9'.*one of \['0', '1'"),
    ):
        watched["9"]


def test_nothing_to_draw():
    with watch(mlp()) as watched, pytest.raises(ValueError, match="there is no step to draw"):
        watched.plot()
