"""Module: registration, looking through, modes, hooks, errors, printing."""

import copy

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid import Tensor
from lucid.errors import (
    ArgumentError,
    DTypeError,
    ShapeError,
    UnimplementedError,
    UninitializedError,
)


class Pair(nn.Module):
    """A module with a parameter, a buffer and two layers."""

    def __init__(self):
        super(Pair, self).__init__()  # noqa: UP008 - the spelling of older code has to work
        self.first = nn.Linear(2, 3)
        self.scale = nn.Parameter([1.0])
        self.register_buffer("shift", Tensor([0.5]))
        self.second = nn.Linear(3, 1)

    def forward(self, x):
        return self.second(self.first(x)) * self.scale + self.shift


# ---- registration ---------------------------------------------------------------------------


def test_registration_follows_assignment_order():
    model = Pair()
    names = [name for name, _ in model.named_parameters()]
    assert names == ["scale", "first.weight", "first.bias", "second.weight", "second.bias"]
    assert [name for name, _ in model.named_buffers()] == ["shift"]
    assert [name for name, _ in model.named_children()] == ["first", "second"]


def test_attributes_are_read_from_the_instance():
    model = Pair()
    for name in ("first", "scale", "shift", "training"):
        assert name in model.__dict__
    assert "__getattr__" not in nn.Module.__dict__


def test_a_parameter_takes_the_place_of_whatever_had_the_name():
    model = Pair()
    model.shift = nn.Parameter([2.0])
    assert dict(model.named_buffers()) == {}
    assert model.get_parameter("shift") is model.shift
    model.first = nn.Parameter([3.0])
    assert [name for name, _ in model.named_children()] == ["second"]
    model.plain = 3
    model.plain = nn.Identity()
    assert model.get_submodule("plain") is model.plain


def test_none_keeps_a_registered_name():
    model = Pair()
    model.scale = None
    assert model.scale is None
    assert "scale" not in dict(model.named_parameters())
    model.scale = nn.Parameter([4.0])
    assert next(iter(dict(model.named_parameters()))) == "scale"
    model.first = None
    assert "(first): None" in repr(model)
    assert [name for name, _ in model.named_modules()] == ["", "second"]


def test_delete():
    model = Pair()
    del model.scale, model.shift, model.first
    assert [name for name, _ in model.named_parameters()] == ["second.weight", "second.bias"]
    assert not hasattr(model, "shift")
    with pytest.raises(AttributeError):
        del model.nothing


def test_a_tensor_that_is_no_parameter_stays_a_plain_attribute():
    model = nn.Module()
    model.table = Tensor([1.0])
    assert list(model.parameters()) == list(model.buffers()) == []


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("scale", Tensor([1.0]), "nn.Parameter or None, not Tensor"),
        ("scale", 3.0, "nn.Parameter or None, not float"),
        ("shift", [1.0], "a tensor or None, not list"),
        ("first", 1, "a module or None, not int"),
    ],
)
def test_registered_names_keep_their_kind(name, value, match):
    model = Pair()
    before = getattr(model, name)
    with pytest.raises(DTypeError, match=match):
        setattr(model, name, value)
    assert getattr(model, name) is before


def test_a_buffer_is_replaced_by_a_tensor():
    model = Pair()
    model.shift = Tensor([7.0])
    assert dict(model.named_buffers())["shift"] is model.shift


@pytest.mark.parametrize("value", [nn.Parameter([1.0]), nn.Identity()])
def test_registering_before_init_is_refused(value):
    class Late(nn.Module):
        def __init__(self):
            self.thing = value
            super().__init__()

    with pytest.raises(UninitializedError, match=r"begin Late.__init__ with super\(\).__init__"):
        Late()


def test_plain_attributes_before_init_are_kept():
    class Early(nn.Module):
        def __init__(self):
            self.width = 3
            super().__init__()

    assert Early().width == 3


def test_looking_through_before_init_is_refused():
    class Forgetful(nn.Module):
        def __init__(self):
            self.width = 3

    with pytest.raises(UninitializedError, match="Forgetful: used before"):
        list(Forgetful().parameters())


@pytest.mark.parametrize("name", ["", "a.b", 3, "forward"])
@pytest.mark.parametrize("kind", ["register_buffer", "register_parameter", "add_module"])
def test_bad_names_are_refused(name, kind):
    with pytest.raises(ArgumentError, match=kind):
        getattr(nn.Module(), kind)(name, None)


@pytest.mark.parametrize("kind", ["register_buffer", "register_parameter", "add_module"])
def test_bad_values_are_refused(kind):
    with pytest.raises(DTypeError, match=f"{kind}: takes .* or None, not list"):
        getattr(nn.Module(), kind)("thing", [1.0])


# ---- looking through --------------------------------------------------------------------------


def test_shared_members_are_named_once():
    model = nn.Module()
    model.a = nn.Linear(2, 2)
    model.b = model.a
    model.c = nn.Linear(2, 2)
    model.c.weight = model.a.weight
    assert [name for name, _ in model.named_modules()] == ["", "a", "c"]
    assert [name for name, _ in model.named_children()] == ["a", "c"]
    assert [name for name, _ in model.named_parameters()] == ["a.weight", "a.bias", "c.bias"]
    everything = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    assert everything == [f"{m}.{p}" for m in "abc" for p in ("weight", "bias")]


def test_named_parameters_prefix_and_recurse():
    model = Pair()
    assert [n for n, _ in model.named_parameters("net", recurse=False)] == ["net.scale"]
    assert "net.first.weight" in dict(model.named_parameters(prefix="net"))


def test_get_by_path():
    model = nn.Sequential(Pair())
    assert model.get_submodule("0.first") is model[0].first
    assert model.get_submodule("") is model
    assert model.get_parameter("0.first.weight") is model[0].first.weight
    assert model.get_buffer("0.shift") is model[0].shift
    with pytest.raises(ArgumentError, match=r"no parameter '0.frst.weight' \(did you mean '0.fi"):
        model.get_parameter("0.frst.weight")
    with pytest.raises(ArgumentError, match=r"no submodule '0.third'"):
        model.get_submodule("0.third")


# ---- modes, gradients, dtypes -----------------------------------------------------------------


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(Pair(), nn.Linear(1, 1))
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    model.train()
    assert all(module.training for module in model.modules())
    with pytest.raises(DTypeError, match="mode must be True or False"):
        model.train(1)


def test_a_module_may_override_train():
    class Frozen(nn.Linear):
        def train(self, mode=True):
            return super().train(False)

    model = nn.Sequential(Frozen(1, 1))
    assert not model.train()[0].training


def test_zero_grad_and_requires_grad():
    model = Pair()
    model(Tensor([[1.0, 2.0]])).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad(set_to_none=False)
    assert all((p.grad.numpy() == 0).all() for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    model.requires_grad_(False)
    assert not model(Tensor([[1.0, 2.0]])).requires_grad


def test_to_changes_floats_in_place_and_nothing_else():
    model = Pair()
    model.register_buffer("count", lucid.tensor(3))
    model(Tensor([[1.0, 2.0]])).sum().backward()
    weight = model.first.weight
    assert model.to(lucid.float64) is model
    assert model.first.weight is weight
    assert weight.dtype == weight.grad.dtype == model.shift.dtype == lucid.float64
    assert model.count.dtype == lucid.int64
    model(lucid.ones(1, 2, dtype=lucid.float64)).sum().backward()
    assert model.float().scale.dtype == lucid.float32
    assert model.half().scale.dtype == lucid.float16
    assert model.to("cpu") is model.cpu() is model
    assert model.to(Tensor([1.0])).scale.dtype == lucid.float32


def test_to_refuses_what_cannot_be():
    with pytest.raises(DTypeError, match="parameters must be floating or complex, not int64"):
        Pair().to(lucid.int64)
    with pytest.raises(ArgumentError, match="'cuda' is not available"):
        Pair().to("cuda")


def test_apply_visits_children_first():
    seen = []
    model = nn.Sequential(nn.Identity(), nn.Sequential(nn.Linear(1, 1)))
    assert model.apply(lambda module: seen.append(type(module).__name__)) is model
    assert seen == ["Identity", "Linear", "Sequential", "Sequential"]


# ---- hooks ------------------------------------------------------------------------------------


def test_forward_hooks_see_and_replace():
    layer = nn.Identity()
    order = []
    before = layer.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    layer.register_forward_pre_hook(lambda module, args: args[0] * 10)
    after = layer.register_forward_hook(lambda module, args, out: out + args[0])
    layer.register_forward_hook(lambda *seen: order.append("last"))
    layer.register_forward_hook(lambda *seen: order.append("first"), prepend=True)
    assert layer(1) == 40
    assert order == ["first", "last"]
    before.remove()
    after.remove()
    assert layer(1) == 10


def test_hooks_with_keyword_arguments():
    class Scale(nn.Module):
        def forward(self, x, *, by):
            return x * by

    layer = Scale()
    layer.register_forward_pre_hook(lambda m, args, kw: (args, {"by": 3}), with_kwargs=True)
    layer.register_forward_hook(lambda m, args, kw, out: out + kw["by"], with_kwargs=True)
    assert layer(2, by=1) == 9


def test_bad_hooks_are_refused():
    with pytest.raises(DTypeError, match="a hook must be callable, not int"):
        nn.Identity().register_forward_hook(3)
    layer = nn.Identity()
    layer.register_forward_pre_hook(lambda m, args, kw: args, with_kwargs=True)
    with pytest.raises(DTypeError, match="None or a pair"):
        layer(1)


class TwoIn(nn.Module):
    """y = 2 a + 3 b."""

    def forward(self, a, b):
        return a * 2 + b * 3


def test_backward_hooks_see_complete_gradients_of_this_call():
    seen = []
    layer = TwoIn()
    layer.register_full_backward_hook(lambda m, into, out: seen.append((into, out)))
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = layer(x, x)
    (y * y).sum().backward()
    (into,) = [[g.tolist() for g in gradients] for gradients, _ in seen]
    assert into == [[20, 40], [30, 60]]
    assert seen[0][1][0].tolist() == [10, 20]
    assert x.grad.tolist() == [50, 100]


def test_backward_hooks_replace_gradients():
    layer = TwoIn()
    layer.register_full_backward_pre_hook(lambda m, out: (out[0] * 10,))
    handle = layer.register_full_backward_hook(lambda m, into, out: (into[0] + 1, None))
    a, b = (Tensor([1.0], requires_grad=True) for _ in range(2))
    layer(a, b).backward()
    assert a.grad.tolist() == [21]
    assert b.grad is None
    handle.remove()
    layer(a, b).backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([41], [30])


def test_backward_hooks_without_gradients_of_inputs():
    seen = []
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, into, out: seen.append((into, out[0].tolist())))
    layer(lucid.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[1.0]])]
    assert layer.weight.grad.tolist() == [[1, 1]]


def test_backward_hooks_are_differentiated():
    layer = nn.Identity()
    layer.register_full_backward_hook(lambda m, into, out: (into[0] * 2,))
    x = Tensor([3.0], requires_grad=True)
    (layer(x) ** 3).backward(create_graph=True)
    assert x.grad.tolist() == [54]
    first, x.grad = x.grad, None
    first.backward()
    assert x.grad.tolist() == [72]  # the second passage doubles too


def test_backward_hooks_of_the_wrong_shape_are_refused():
    layer = nn.Identity()
    layer.register_full_backward_hook(lambda m, into, out: (Tensor([1.0, 2.0]),))
    x = Tensor([3.0], requires_grad=True)
    with pytest.raises(ShapeError, match="one gradient for each it was shown"):
        layer(x).backward()


# ---- errors -----------------------------------------------------------------------------------


def notes_of(error):
    return getattr(error.value, "__notes__", [])


def test_an_error_names_the_layer():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1))])

        def forward(self, x):
            return self.blocks[0](x)

    with pytest.raises(ValueError, match="last dimension of the input must have 2") as error:
        Model()(lucid.ones(1, 2))
    layer = "Linear(in_features=2, out_features=1, bias=True)"
    assert notes_of(error) == [f"  in Model.blocks.0.1: {layer}"]


def test_an_error_of_the_model_itself_names_the_model():
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Identity()

        def forward(self, x):
            raise KeyError("lost")

    with pytest.raises(KeyError) as error:
        Broken()(1)
    assert notes_of(error) == ["  in Broken"]


def test_hooked_and_unregistered_layers_are_named_too():
    hidden = nn.Linear(2, 1)
    hidden.register_forward_hook(lambda *seen: None)

    class Model(nn.Module):
        def forward(self, x):
            return hidden(x)

    with pytest.raises(ValueError, match="linear") as error:
        Model()(lucid.ones(1, 3))
    assert notes_of(error)[0].startswith("  in Model.Linear: Linear(in_features=2")


def test_endless_recursion_is_described_in_few_words():
    class Endless(nn.Module):
        def forward(self, x):
            return self(x)

    with pytest.raises(RecursionError) as error:
        Endless()(1)
    assert len(notes_of(error)) == 1


def test_missing_forward():
    class Lazy(nn.Module):
        pass

    with pytest.raises(
        UnimplementedError, match=r"define forward\(self, input\) within class Lazy"
    ):
        Lazy()(1)
    with pytest.raises(NotImplementedError):
        Lazy()(1)


# ---- copying and printing -----------------------------------------------------------------------


def test_deepcopy_is_independent_and_keeps_sharing():
    model = Pair()
    model.tied = nn.Linear(2, 3)
    model.tied.weight = model.first.weight
    model.register_forward_hook(lambda module, args, out: out * 2)
    twin = copy.deepcopy(model)
    assert twin.tied.weight is twin.first.weight is not model.first.weight
    assert twin.first is twin._modules["first"]
    x = Tensor([[1.0, 2.0]])
    assert (twin(x).detach().numpy() == model(x).detach().numpy()).all()
    twin.first.weight.data[...] = 0
    assert (model.first.weight.data != 0).all()
    twin(x).sum().backward()
    assert model.first.weight.grad is None
    assert twin.scale.grad is not None


def test_extra_repr_on_several_lines():
    class Wordy(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Identity()

        def extra_repr(self):
            return "one\ntwo"

    assert repr(Wordy()) == "Wordy(\n  one\n  two\n  (layer): Identity()\n)"


def test_parameter_shares_a_tensors_memory_and_forgets_its_history():
    source = Tensor([1.0, 2.0], requires_grad=True)
    made = nn.Parameter(source * 2)
    assert made.is_leaf
    assert made.requires_grad
    assert nn.Parameter(source).data is source.data
    assert repr(made) == "Parameter([2.0000, 4.0000], grad=None)"
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    with pytest.raises(DTypeError, match="only floating"):
        nn.Parameter(lucid.tensor([1]))
    assert type(made * 1) is Tensor
    assert np.shares_memory(nn.Parameter(source).detach().numpy(), source.data)
