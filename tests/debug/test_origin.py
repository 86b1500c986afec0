"""Where ops come from: the user's line, and the path of the module."""

import sys
import threading

import pytest

import lucid
from lucid import nn
from lucid.debug import Origin, origin_of, record_origins


def here():
    """The line of the caller."""
    return sys._getframe(1).f_lineno


@pytest.fixture
def x():
    return lucid.tensor([[0.5, 2.0]], requires_grad=True)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(2, 2)

    def forward(self, x):
        return self.linear1(x).tanh() + x


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(4))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())

    def forward(self, x):
        return self.head(self.encoder(x))


def origins(tensor):
    """The origin of every op behind a tensor, the last first; by the name of the op."""
    found, waiting, seen = [], [tensor.grad_fn], set()
    while waiting:
        node = waiting.pop(0)
        if node is None or node in seen or not node.next_functions:
            continue
        seen.add(node)
        found.append((node.name().removesuffix("Backward0"), origin_of(node)))
        waiting += [parent for parent, _ in node.next_functions]
    return found


def test_the_line_of_an_op(x):
    with record_origins():
        line = here() + 1
        y = x.log()
    assert origin_of(y) == (__file__, line, "y = x.log()", None)
    assert origin_of(y.grad_fn) == origin_of(y)


def test_an_expression_of_several_lines(x):
    with record_origins():
        line = here() + 2
        y = (
            x.exp()
            + x.log()
        )  # fmt: skip
    assert [origin.line for _, origin in origins(y)] == [line, line, line + 1]
    assert origin_of(y.grad_fn.next_functions[1][0]).code == "+ x.log()"


def test_a_composite_belongs_to_the_line_that_calls_it(x):
    with record_origins():
        line = here() + 1
        y = nn.functional.normalize(x).std()
    found = origins(y)
    assert len(found) > 2
    assert {origin.line for _, origin in found} == {line}


def test_a_users_forward_is_the_users_and_layers_of_ours_are_not(x):
    model = Model()
    with record_origins():
        y = model(x)
    found = origins(y)
    assert found[0][1].module == "head.1"
    assert found[0][1].code == "return self.head(self.encoder(x))"
    assert [origin.module for name, origin in found if name == "Tanh"] == [
        f"encoder.layers.{i}" for i in (3, 2, 1, 0)
    ]
    assert {origin.code for name, origin in found if name == "Tanh"} == {
        "return self.linear1(x).tanh() + x"
    }
    inner = [origin for name, origin in found if name == "Linear"]
    assert [origin.module for origin in inner] == [
        f"encoder.layers.{i}.linear1" for i in (3, 2, 1, 0)
    ]
    assert inner[0].code == "return self.linear1(x).tanh() + x"


def test_a_model_without_a_line_of_the_users(x):
    model = nn.Sequential(nn.Linear(2, 2), nn.Softplus())
    with record_origins():
        y = model(x)
    assert origin_of(y)[2:] == ("y = model(x)", "1")
    assert origin_of(y.grad_fn.next_functions[0][0]).module == "Sequential"  # as one op


def test_hooks_do_not_hide_a_module(x):
    model = nn.Sequential(nn.Sequential(nn.Softplus()))
    seen = []
    model[0][0].register_forward_hook(lambda module, args, output: seen.append(output))
    with record_origins():
        y = model(x)
    assert len(seen) == 1
    assert origin_of(y).module == "0.0"


def test_a_shared_module_goes_by_its_first_name(x):
    layer = nn.Softplus()
    model = nn.Sequential(layer, layer)
    with record_origins():
        y = model(x)
    assert [origin.module for _, origin in origins(y)] == ["0", "0"]


def test_a_module_of_another_branch(x):
    """Called by one that does not own it, it goes by its path from further out."""

    class Borrower(nn.Module):
        def __init__(self, lent):
            super().__init__()
            self.lent = [lent]

        def forward(self, x):
            return self.lent[0](x)

    softplus = nn.Softplus()
    inside = nn.Sequential(nn.Sequential(softplus), Borrower(softplus))
    outside = nn.Sequential(Borrower(softplus))
    with record_origins():
        first, second = inside[1:](x), inside(x)
        third = outside(x)
    assert origin_of(first).module == "1.<Softplus>"
    assert origin_of(second).module == "0.0"
    assert origin_of(third).module == "0.<Softplus>"


def test_a_module_that_calls_itself(x):
    class Recursive(nn.Module):
        def forward(self, x, depth=3):
            return x.tanh() if depth == 0 else self(x, depth - 1)

    with record_origins():
        y = nn.Sequential(Recursive())(x)
    assert origin_of(y).module == "0"


def test_the_module_outlives_its_owner(x):
    def run():
        return nn.Sequential(nn.Softplus())(x)

    with record_origins():
        y = run()
    assert origin_of(y).module == "0"


def test_several_outputs(x):
    with record_origins():
        first, second = x.unbind(1)
    assert origin_of(first).code == "first, second = x.unbind(1)"
    assert origin_of(first) == origin_of(second) == origin_of(second.grad_fn)


def test_a_pass_that_is_recorded_belongs_to_its_line(x):
    with record_origins():
        y = (x**3).sum()
        (slope,) = lucid.autograd.grad(y, x, create_graph=True)
    assert origin_of(slope).code.startswith("(slope,) =")


def test_code_that_is_not_in_a_file(x):
    scope = {"x": x}
    with record_origins():
        exec(compile("\n\ny = x.exp()", "<typed>", "exec"), scope)
    assert origin_of(scope["y"]) == ("<typed>", 3, "", None)


def test_within_pythons_own_library_the_caller_counts(x):
    import functools

    with record_origins():
        y = functools.reduce(lambda a, b: a * b, [x, x])
        (z,) = map(lucid.exp, [x])
    assert origin_of(y).code == "y = functools.reduce(lambda a, b: a * b, [x, x])"
    assert origin_of(z).code == "(z,) = map(lucid.exp, [x])"


def test_what_was_recorded_elsewhere_has_none(x):
    before = x.exp()
    with record_origins():
        assert origin_of(x) is None
        with lucid.no_grad():
            assert origin_of(x.exp()) is None
        inside = x.exp()
    after = x.exp()
    assert origin_of(before) is origin_of(after) is None
    assert isinstance(origin_of(inside), Origin)


def test_each_thread_for_itself(x):
    made = []
    with record_origins():
        thread = threading.Thread(target=lambda: made.append(x.exp()))
        thread.start()
        thread.join()
    assert origin_of(made[0]) is None


def test_the_values_are_the_same(x):
    model = Model()
    plain = model(x).sum()
    (gradient,) = lucid.autograd.grad(plain, x)
    with record_origins():
        noted = model(x).sum()
    assert noted.item() == plain.item()
    assert lucid.equal(lucid.autograd.grad(noted, x)[0], gradient)


def test_the_graph_goes_with_the_loss(x):
    import gc
    import weakref

    model = Model()
    with record_origins():
        y = model(x)
    gone = weakref.ref(model)
    gc.collect()
    gc.disable()
    try:
        del model, y
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("value", [3, "x", [1.0], nn.Tanh()])
def test_neither_a_tensor_nor_a_node(value):
    with pytest.raises(TypeError, match=f"a tensor or its grad_fn, not {type(value).__name__}"):
        origin_of(value)


def test_text():
    assert str(Origin("a.py", 3, "y = x.log()", "head.1")) == "a.py:3, in head.1: y = x.log()"
    assert str(Origin("<typed>", 3, "", None)) == "<typed>:3"


def test_the_lazy_name():
    assert lucid.record_origins is record_origins
