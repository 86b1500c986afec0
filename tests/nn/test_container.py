"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict."""

from collections import OrderedDict

import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, IndexingError

NAMES = ["Tanh", "ReLU", "Sigmoid"]


def three():
    return [nn.Tanh(), nn.ReLU(), nn.Sigmoid()]


def kinds(container):
    return [type(module).__name__ for module in container]


# ---- sequences --------------------------------------------------------------------------


def test_sequential_runs_in_order():
    double, add = nn.Identity(), nn.Identity()
    double.register_forward_hook(lambda module, args, out: out * 2)
    add.register_forward_hook(lambda module, args, out: out + 1)
    assert nn.Sequential(double, add)(3) == 7
    assert nn.Sequential(add, double)(3) == 8
    x = lucid.ones(2)
    assert nn.Sequential()(x) is x


def test_linear_and_relu_in_a_sequence_equal_the_layers_one_by_one():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    x = lucid.randn(5, 3, requires_grad=True)
    y = x
    for layer in model:
        y = layer(y)
    y.sum().backward()
    slow = [x.grad.numpy(), *(p.grad.numpy() for p in model.parameters())]
    x.grad = None
    model.zero_grad()
    z = model(x)
    z.sum().backward()
    assert (z.detach().numpy() == y.detach().numpy()).all()
    for a, b in zip(slow, [x.grad, *(p.grad for p in model.parameters())], strict=True):
        assert abs(a - b.numpy()).max() < 1e-6


def test_sequential_from_a_dict_keeps_its_names():
    model = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), act=nn.ReLU()))
    assert model.first is model[0]
    assert list(model.state_dict()) == ["first.weight", "first.bias"]
    model.append(nn.Tanh())
    assert list(dict(model.named_children())) == ["first", "act", "2"]


@pytest.mark.parametrize("make", [lambda: nn.Sequential(*three()), lambda: nn.ModuleList(three())])
class TestBothSequences:
    def test_indexing(self, make):
        made = make()
        assert len(made) == 3
        assert kinds(made) == NAMES
        assert made[0] is made[-3]
        assert made[-1] is made[2]
        assert type(made[1:]) is type(made)
        assert kinds(made[1:]) == NAMES[1:]
        assert made[::2][0] is made[0]

    def test_writing(self, make):
        made = make()
        made[1] = nn.Identity()
        assert kinds(made) == ["Tanh", "Identity", "Sigmoid"]
        assert getattr(made, "1") is made[1]
        made.append(nn.ReLU()).insert(0, nn.SiLU())
        assert kinds(made) == ["SiLU", "Tanh", "Identity", "Sigmoid", "ReLU"]
        made.insert(-1, nn.Mish())
        assert kinds(made)[-2:] == ["Mish", "ReLU"]
        del made[0], made[0]
        assert kinds(made) == ["Identity", "Sigmoid", "Mish", "ReLU"]
        assert [name for name, _ in made.named_children()] == ["0", "1", "2", "3"]
        del made[1:3]
        assert kinds(made) == ["Identity", "ReLU"]
        assert not hasattr(made, "2")
        popped = made.pop()
        assert type(popped).__name__ == "ReLU"
        made += [popped]
        longer = made + [nn.Tanh()]  # noqa: RUF005 - the operator is meant
        assert kinds(longer) == ["Identity", "ReLU", "Tanh"]
        made.extend(three())
        assert kinds(made) == ["Identity", "ReLU", *NAMES]

    def test_extending_by_itself_ends(self, make):
        made = make()
        made.extend(made)
        assert kinds(made) == NAMES * 2

    def test_bad_positions(self, make):
        for index in (3, -4):
            with pytest.raises(IndexingError, match=f"index {index} is out of range for 3"):
                make()[index]
            with pytest.raises(IndexingError, match="out of range"):
                del make()[index]
        with pytest.raises(IndexingError, match="out of range"):
            make().insert(4, nn.Tanh())
        with pytest.raises(DTypeError, match="an integer or a slice, not str"):
            make()["0"]

    def test_what_is_no_module_is_refused_and_nothing_changes(self, make):
        made = make()
        for bad, fix in [(nn.Tanh, r"make one: Tanh\(\)"), (len, "such as nn.ReLU"), (3, "int")]:
            with pytest.raises(DTypeError, match=f"holds modules, not(.|\n)*{fix}"):
                made.append(bad)
            with pytest.raises(DTypeError, match="holds modules"):
                made.insert(0, bad)
            with pytest.raises(DTypeError, match="holds modules"):
                made[0] = bad
        assert kinds(made) == NAMES


def test_sequential_of_a_list_is_told_how():
    with pytest.raises(DTypeError, match=r"one by one: Sequential\(\*layers\)"):
        nn.Sequential(three())


def test_a_slice_of_a_sequence_can_grow():
    tail = nn.Sequential(*three())[1:]
    tail.append(nn.Identity())
    assert kinds(tail) == ["ReLU", "Sigmoid", "Identity"]


def test_module_list_prints_runs():
    layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1)])
    text = "Linear(in_features=1, out_features=1, bias=True)"
    assert repr(layers) == f"ModuleList(\n  (0-1): 2 x {text}\n  (2): Tanh()\n  (3): {text}\n)"
    assert repr(nn.ModuleList()) == "ModuleList()"


# ---- dicts ------------------------------------------------------------------------------


def test_module_dict():
    heads = nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.Tanh()})
    assert (list(heads), len(heads), "a" in heads) == (["a", "b"], 2, True)
    assert heads["a"] is heads.a
    assert [k for k, _ in heads.items()] == list(heads.keys())
    assert kinds(heads.values()) == ["Linear", "Tanh"]
    heads["b"] = nn.ReLU()
    heads.update([("c", nn.Tanh())])
    assert list(heads.state_dict()) == ["a.weight", "a.bias"]
    assert type(heads.pop("b")).__name__ == "ReLU"
    del heads["a"]
    assert list(heads) == ["c"]
    heads.clear()
    assert len(heads) == 0
    assert not hasattr(heads, "c")


def test_module_dict_refuses_names_that_would_hide_a_method():
    with pytest.raises(ArgumentError, match="has an attribute 'keys' already"):
        nn.ModuleDict({"keys": nn.Tanh()})
    with pytest.raises(ArgumentError, match="pairs of a name and a value"):
        nn.ModuleDict([nn.Tanh()])
    with pytest.raises(DTypeError, match=r"takes an nn\.Module or None, not int"):
        nn.ModuleDict({"a": 1})


# ---- parameters ---------------------------------------------------------------------------


def test_parameter_list():
    values = nn.ParameterList([lucid.ones(2), nn.Parameter([3.0])])
    values.append(lucid.zeros(1))
    values += [lucid.tensor([1, 2])]
    assert len(values) == len(list(values)) == 4
    assert all(type(p) is nn.Parameter for p in values)
    assert not values[3].requires_grad
    assert [name for name, _ in values.named_parameters()] == ["0", "1", "2", "3"]
    assert values[-1] is values[3]
    assert len(values[1:]) == 3
    values[0] = lucid.zeros(5)
    assert values[0].shape == (5,)
    with pytest.raises(IndexingError, match="out of range for 4 parameters"):
        values[4]


def test_parameter_dict():
    values = nn.ParameterDict({"a": lucid.ones(2)})
    values["b"] = lucid.zeros(3)
    values.update({"a": lucid.zeros(4)})
    assert (list(values), len(values), "b" in values) == (["a", "b"], 2, True)
    assert [p.shape for p in values.values()] == [(4,), (3,)]
    assert list(values.keys()) == [k for k, _ in values.items()] == list(values.state_dict())
    assert values.pop("a").shape == (4,)
    values.clear()
    assert repr(values) == "ParameterDict()"
    with pytest.raises(ArgumentError, match="already"):
        values["values"] = lucid.ones(1)
