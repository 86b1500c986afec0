"""Standing between `apply` and the ops, and between the engine and the rules."""

import lucid
from lucid.core.interception import intercept


def test_each_op_passes_the_innermost_first():
    seen = []

    def note(name):
        def hook(prim, arrays, static, recording, inner):
            seen.append((name, prim.name))
            return inner(prim, arrays, static, recording)

        return hook

    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    with intercept(op=note("outer")), intercept(op=note("inner")):
        y = x.tanh()
    y.exp()
    assert seen == [("inner", "tanh"), ("outer", "tanh")]


def test_each_rule_passes_and_may_be_changed():
    def double(node, gradient, edges, create_graph, inner):
        gradients = inner(node, gradient, edges, create_graph)
        return [g if g is None else g * 2 for g in gradients]

    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    with intercept(rule=double):
        (x * 3.0).sum().backward()
    assert x.grad.tolist() == [12.0, 12.0]
    assert lucid.autograd.grad((x * 3.0).sum(), x)[0].tolist() == [3.0, 3.0]


def test_the_origin_is_noted_within_only():
    x = lucid.tensor([1.0], requires_grad=True)
    with intercept(origin=lambda: "here"):
        inside = x.tanh()
    outside = x.tanh()
    assert inside.grad_fn.origin == "here"
    assert not hasattr(outside.grad_fn, "origin")
