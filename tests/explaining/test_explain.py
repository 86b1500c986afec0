"""`lucid.explain`: what it says of a result is what happened."""

import json
import textwrap
from itertools import pairwise

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid import nn
from lucid.core.primitive import REGISTRY
from lucid.errors import ArgumentError, DTypeError, GradError
from lucid.samples import Draw


def mlp(*widths):
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@pytest.fixture
def loss():
    """The Huber loss of a network with three layers."""
    lucid.manual_seed(0)
    model = mlp(8, 64, 32, 1)
    inputs, target = lucid.randn(16, 8), lucid.randn(16, 1)
    with lucid.record_origins():
        return nn.HuberLoss()(model(inputs), target), model


# ---- a tape ------------------------------------------------------------------------------


def test_a_small_result_word_by_word():
    w = lucid.tensor([[1.0, 2.0]], requires_grad=True)
    x = lucid.ones(2, 3)
    expected = """\
        float32[1] by 3 ops, from 1 tensor, 2 numbers; 36 B held for backward

          #1  matmul(a = w[1, 2], b = x[2, 3]) → float32[1, 3]
                value  y = input @ other
                slope  grad_a = g @ transposed(b)
                holds  b 24 B
          #2  tanh(x = #1) → float32[1, 3]
                value  y = sinh x / cosh x
                slope  grad_x = g * (1 - y * y)
                holds  out 12 B
          #3  prod(x = #2, axis=1, keepdims=False) → float32[1]
                value  y = Πᵢ xᵢ
                slope  grad_x = spread(g, x, (1,), False) * products_of_others(x, 1)
                holds  x 12 B

        for source lines, compute it within `with lucid.record_origins():`"""
    assert str(lucid.explain((w @ x).tanh().prod(1))) == textwrap.dedent(expected)


def test_a_dense_chain_is_explained_as_its_layers(loss):
    explanation = lucid.explain(loss[0], model=loss[1])
    ops = [step.prim.name for step in explanation.steps]
    assert ops == ["linear", "relu", "linear", "relu", "linear", "huber_reduced"]
    paths = [step.path for step in explanation.steps]
    assert paths == ["0", "1", "2", "3", "4", "HuberLoss"]
    kinds = [step.kind for step in explanation.steps[:5]]
    assert kinds == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    shapes = [step.shapes[0] for step in explanation.steps]
    assert shapes == [(16, 64), (16, 64), (16, 32), (16, 32), (16, 1), ()]
    sources = [[given.step for given in step.inputs if given.step] for step in explanation.steps]
    assert sources == [[], [1], [2], [3], [4], [5]]
    names = [given.name for given in explanation.steps[2].inputs]
    assert names == [None, "2.weight", "2.bias"]


def test_the_chain_says_the_same_as_its_layers_one_by_one(loss):
    _, model = loss
    x = lucid.randn(16, 8)
    h = x
    for layer in model:
        h = layer(h)
    fused = lucid.explain(model(x), model=model).to_dict()
    single = lucid.explain(h, model=model).to_dict()
    for one, other in zip(fused["steps"], single["steps"], strict=True):
        for key in ("op", "outputs", "formula", "gradient"):
            assert one[key] == other[key]
        told = [(i["role"], i["kind"], i["name"], i["step"], i["shape"]) for i in one["inputs"]]
        assert told == [
            (i["role"], i["kind"], i["name"], i["step"], i["shape"]) for i in other["inputs"]
        ]


def test_three_layers_fit_a_screen(loss):
    lines = str(lucid.explain(loss[0], model=loss[1])).splitlines()
    assert len(lines) <= 32
    assert max(map(len, lines)) <= 100


def test_source_lines_and_modules(loss):
    (first, *_) = lucid.explain(loss[0]).steps
    assert first.origin.file.endswith("test_explain.py")
    assert first.origin.code == "return nn.HuberLoss()(model(inputs), target), model"
    text = str(lucid.explain(loss[0]))
    assert "from   test_explain.py:" in text
    assert "record_origins" not in text


def test_inputs_that_want_no_gradient_get_none():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    explanation = lucid.explain(x * lucid.tensor([3.0, 4.0]) + 1)
    first, second = explanation.to_dict()["steps"]
    assert first["gradient"] == ["grad_a = g * b"]
    assert [given["kind"] for given in first["inputs"]] == ["leaf", "data"]
    assert second["inputs"][1] | {"kind": "number", "value": 1} == second["inputs"][1]


def test_several_outputs():
    a = lucid.randn(4, 3, requires_grad=True)
    u, s, _ = lucid.linalg.svd(a, full_matrices=False)
    steps = lucid.explain(u.sum() * s[0]).steps
    assert steps[0].shapes[:2] == [(4, 3), (3,)]
    assert {given.output for step in steps for given in step.inputs if given.step == 1} == {0, 1}
    assert lucid.explain(s).result == "float32[3]"
    assert [step.prim.name for step in lucid.explain(s).steps] == ["svd"]


def test_a_function_of_the_users_own():
    class Square(lucid.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = lucid.ones(4) * 1
    x.requires_grad_()
    (step,) = lucid.explain(Square.apply(x * 1)).steps[1:]
    assert [given.kind for given in step.inputs] == ["step"]
    assert step.bytes == 16
    assert "a function of your own" in str(lucid.explain(Square.apply(x)))


@pytest.mark.parametrize("name", sorted(n for n, p in REGISTRY.items() if p.vjp is not None))
def test_every_op_can_be_explained(name):
    prim = REGISTRY[name]
    for sample in prim.samples(Draw(0))[:2]:
        if sample.through is not None or not any(map(_is_floating, sample.inputs)):
            continue
        inputs = [_tracked(value) for value in sample.inputs]
        out = lucid.core.apply.apply(prim, *inputs, **sample.static)
        for result in out if isinstance(out, tuple) else (out,):
            if result._node is not None:
                explanation = lucid.explain(result)
                assert result.shape in explanation.steps[-1].shapes
                json.dumps(explanation.to_dict())
                assert str(explanation).startswith(f"{result.dtype}[")
                assert explanation._repr_svg_().endswith("</svg>")


def _is_floating(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"


def _tracked(value):
    if _is_floating(value):
        return lucid.tensor(value, requires_grad=True)
    return value


def test_of_a_loss_its_curve_is_explained():
    explained = lucid.explain(nn.HuberLoss(delta=2.0), lucid.tensor([0.5, -9.0]))
    assert type(explained).__name__ == "LossExplanation"
    assert explained.threshold == 2.0
    assert explained.share_beyond == 0.5


# ---- memory ------------------------------------------------------------------------------


def test_what_is_held_is_counted_once():
    x = lucid.randn(1000, requires_grad=True)
    y = x.exp()
    explanation = lucid.explain(y * y)  # exp holds its output, which the product holds twice
    assert explanation.bytes == 4000
    assert [step.bytes for step in explanation.steps] == [4000, 4000]


def test_memory_of_leaves_is_not_counted():
    x = lucid.randn(1000, requires_grad=True)
    explanation = lucid.explain(x * x)
    assert explanation.bytes == 0
    assert {(held.role, held.own) for held in explanation.steps[0].held} == {
        ("a", False),
        ("b", False),
    }


def test_an_expanded_tensor_holds_no_more_than_its_memory():
    x = lucid.randn(1, requires_grad=True)
    wide = lucid.randn(1).expand(1 << 20)
    assert lucid.explain(x * wide).bytes == 4


# ---- names -------------------------------------------------------------------------------


def test_names_are_inferred_from_the_variables_of_the_caller():
    first, second = mlp(3, 4), nn.Linear(4, 2)
    inputs = lucid.ones(5, 3)
    scale = lucid.ones(2, requires_grad=True)
    explanation = lucid.explain(second(first(inputs)) * scale)
    assert explanation.leaves[0] == "first.0.weight"
    assert "second.bias" in explanation.leaves
    assert "scale" in explanation.leaves
    assert "x = inputs[5, 3]" in str(explanation)


def test_without_a_name_leaves_are_counted():
    def made():
        return lucid.ones(2, requires_grad=True) * lucid.ones(2, requires_grad=True)

    result = made()
    assert lucid.explain(result).leaves == ["leaf 1", "leaf 2"]


def test_a_model_that_is_given_goes_before_variables():
    net = mlp(3, 4)
    weight = net[0].weight
    assert weight.requires_grad
    assert lucid.explain(net(lucid.ones(1, 3)), model=net).leaves == ["0.weight", "0.bias"]


# ---- what cannot be explained --------------------------------------------------------------


def test_a_released_graph():
    x = lucid.ones(2, requires_grad=True)
    y = (x * 2).sum()
    y.backward()
    with pytest.raises(GradError, match=r"released it(.|\n)*retain_graph=True"):
        lucid.explain(y)


def test_a_graph_that_is_released_in_part():
    x = lucid.ones(2, requires_grad=True)
    shared = x.exp()
    other = shared.tanh()
    shared.sum().backward()
    explanation = lucid.explain(other)
    assert [step.released for step in explanation.steps] == [True, False]
    assert "slope  released" in str(explanation)
    assert "retain_graph=True" in str(explanation)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [
        (lucid.ones(2), GradError, "no history(.|\n)*requires_grad_"),
        (lucid.ones(2, requires_grad=True), GradError, "is a leaf"),
        (3.0, DTypeError, "takes tensors, not float"),
        (np.ones(2), DTypeError, "takes tensors"),
        ((lucid.ones(2),), DTypeError, r"not a tuple of them(.|\n)*value\[0\]"),
        (nn.Linear(2, 2), DTypeError, r"not models(.|\n)*lucid.summary"),
    ],
)
def test_bad_input(value, error, match):
    with pytest.raises(error, match=match):
        lucid.explain(value)


def test_bad_arguments():
    y = lucid.ones(2, requires_grad=True) * 2
    with pytest.raises(DTypeError, match="model must be a module, not str"):
        lucid.explain(y, model="net")
    with pytest.raises(ArgumentError, match="residuals and limits are for losses"):
        lucid.explain(y, lucid.ones(2))


def test_inside_of_no_grad_there_is_no_history():
    x = lucid.ones(2, requires_grad=True)
    with lucid.no_grad(), pytest.raises(GradError, match="no_grad"):
        lucid.explain(F.relu(x))
