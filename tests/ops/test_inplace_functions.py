"""``lucid.exp_`` and its kin: the functions that PyTorch has, doing what the methods do."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.errors import DTypeError, GradError, IndexingError
from lucid.ops import inplace_functions

torch = pytest.importorskip("torch")

# Of sparse tensors, and two that PyTorch does not document either.
LEFT_OUT = {"resize_as_sparse_", "feature_dropout_"}
THEIRS = {n for n in dir(torch) if n.endswith("_") and not n.startswith("_")}
ARGUMENTS = {
    "addmv_": ([[0.5, 0.25], [0.125, 1.0]], [1.0, 2.0]),
    "alpha_dropout_": (0.5, False),
    "as_strided_": ((2,), (1,)),
    "clamp_": (0.25, 0.5),
    "clamp_max_": (0.5,),
    "clamp_min_": (0.5,),
    "clip_": (0.25, 0.5),
    "dropout_": (0.5, False),
    "feature_alpha_dropout_": (0.5, False),
    "fill_": (7.0,),
    "ldexp_": ([1.0, 2.0],),
    "resize_as_": ([1.0, 2.0],),
    "threshold_": (0.5, -1.0),
    "xlogy_": ([0.5, 0.25],),
}
WHOLE = {"gcd_", "lcm_"}
APART = {"embedding_renorm_", "index_put_", *WHOLE}


def arguments(name, module):
    given = ARGUMENTS.get(name, ())
    kind = {"dtype": module.float64}
    return [module.tensor(a, **kind) if isinstance(a, list) else a for a in given]


def test_the_functions_of_pytorch_are_there():
    ours = {n for n in dir(lucid) if n.endswith("_") and not n.startswith("_")}
    assert ours == THEIRS - LEFT_OUT
    theirs = {n for n in dir(torch.nn.functional) if n.endswith("_") and not n.startswith("_")}
    assert theirs == {n for n in dir(F) if n.endswith("_") and not n.startswith("_")}


@pytest.mark.parametrize("name", sorted(THEIRS - LEFT_OUT - APART))
def test_values(name):
    start = [1.5, 1.75] if "acosh" in name or "arccosh" in name else [0.75, 0.3]
    if name == "feature_alpha_dropout_":
        start = [start]
    x = lucid.tensor(start, dtype=lucid.float64)
    theirs = torch.tensor(start, dtype=torch.float64)
    memory = x.data
    assert getattr(lucid, name)(x, *arguments(name, lucid)) is x
    getattr(torch, name)(theirs, *arguments(name, torch))
    assert np.allclose(memory, theirs.numpy(), rtol=1e-13)


@pytest.mark.parametrize("name", [n for n in dir(F) if n.endswith("_") and n[0] != "_"])
def test_activations_and_their_gradients(name):
    start = [[-1.5, 0.3], [2.0, -0.2]]
    args = (0.1, -2.0) if name == "threshold_" else ()
    made = []
    for module, functional in ((lucid, F), (torch, torch.nn.functional)):
        x = module.tensor(start, dtype=module.float64, requires_grad=True)
        y = x * 2
        assert getattr(functional, name)(y, *args) is y
        (y * y).sum().backward()
        made.append((y.detach().numpy(), x.grad.numpy()))
    assert np.allclose(made[0][0], made[1][0], rtol=1e-13)
    assert np.allclose(made[0][1], made[1][1], rtol=1e-13)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_whole_numbers(name):
    x = lucid.tensor([12, 18])
    getattr(lucid, name)(x, lucid.tensor([8, 27]))
    theirs = torch.tensor([12, 18])
    getattr(torch, name)(theirs, torch.tensor([8, 27]))
    assert x.tolist() == theirs.tolist()


def test_index_put():
    x = lucid.zeros(3)
    lucid.index_put_(x, (lucid.tensor([0, 2]),), lucid.tensor([5.0, 6.0]))
    assert x.tolist() == [5, 0, 6]


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_embedding_renorm(p):
    table = np.random.default_rng(0).standard_normal((5, 3)) * 2
    ours, theirs = lucid.tensor(table), torch.tensor(ours_dtype(table))
    assert lucid.embedding_renorm_(ours, lucid.tensor([0, 3, 3]), 1.0, p) is ours
    torch.embedding_renorm_(theirs, torch.tensor([0, 3, 3]), 1.0, p)
    assert np.allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
    with pytest.raises(IndexingError, match="between 0 and 4"):
        lucid.embedding_renorm_(ours, lucid.tensor([7]), 1.0)


def ours_dtype(table):
    return table.astype(lucid.tensor(table).dtype)


def test_dropout_draws():
    x = lucid.ones(1000)
    lucid.manual_seed(0)
    assert lucid.dropout_(x, 0.5, True) is x
    assert set(x.tolist()) == {0.0, 2.0}


def test_documentation_is_of_each():
    for name in {*inplace_functions.__all__, "elu_", "hardtanh_", "leaky_relu_"} - {
        "embedding_renorm_"
    }:
        function = getattr(inplace_functions, name)
        assert function.__name__ == name
        assert function.__doc__.startswith(f"`{name[:-1]}` in place")


def test_refusals():
    with pytest.raises(DTypeError, match="exp_: takes tensors and numbers, not list"):
        lucid.exp_([1.0])
    with pytest.raises(GradError, match="selu_: a leaf that requires a gradient"):
        lucid.selu_(lucid.ones(2, requires_grad=True))
    with pytest.raises(DTypeError, match="celu_: the result is of dtype float32"):
        lucid.celu_(lucid.tensor([1, 2]))
