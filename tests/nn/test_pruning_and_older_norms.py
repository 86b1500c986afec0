"""Pruning and the hook forms of weight and spectral norm, beside PyTorch's."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.nn.utils import prune, remove_spectral_norm, remove_weight_norm
from lucid.nn.utils import spectral_norm as old_spectral_norm
from lucid.nn.utils import weight_norm as old_weight_norm

rng = np.random.default_rng(0)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "options"),
    [("weight_norm", {}), ("weight_norm", {"dim": None}), ("spectral_norm", {})],
)
def test_older_norms(name, options):
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.nn.utils, name)(torch.nn.Linear(4, 3).double(), **options)
    mine = getattr(nn.utils, name)(nn.Linear(4, 3).double(), **options)
    mine.load_state_dict({k: lucid.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    for _ in range(2):
        x = rng.standard_normal((5, 4))
        a, b = mine(lucid.tensor(x)), theirs(torch.tensor(x))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10)
        a.square().sum().backward()
        b.square().sum().backward()
    others = dict(theirs.named_parameters())
    for called, parameter in mine.named_parameters():
        other = others[called].grad.numpy()
        np.testing.assert_allclose(parameter.grad.numpy(), other, rtol=1e-9, atol=1e-12)


def test_removal_keeps_the_weight():
    for add, take in (
        (old_weight_norm, remove_weight_norm),
        (old_spectral_norm, remove_spectral_norm),
    ):
        layer = add(nn.Linear(4, 3)).eval()
        x = lucid.randn(2, 4)
        before = layer(x).detach().numpy()
        take(layer)
        assert sorted(layer.state_dict()) == ["bias", "weight"]
        np.testing.assert_allclose(layer(x).detach().numpy(), before, rtol=1e-6)
        with pytest.raises(ArgumentError, match="not set by such a hook"):
            take(layer)


def zeros_of(module):
    return module.weight.detach().numpy() == 0


@pytest.mark.parametrize("amount", [0.3, 5])
def test_magnitudes_beside_pytorch(amount):
    torch = pytest.importorskip("torch")
    torch_prune = pytest.importorskip("torch.nn.utils.prune")
    weight = rng.standard_normal((5, 4))
    mine, theirs = nn.Linear(4, 5).double(), torch.nn.Linear(4, 5).double()
    mine.weight.data[...] = weight
    theirs.weight.data[...] = torch.tensor(weight)
    for _ in range(2):  # what is left is pruned further
        prune.l1_unstructured(mine, "weight", amount)
        torch_prune.l1_unstructured(theirs, "weight", amount)
        np.testing.assert_array_equal(zeros_of(mine), zeros_of(theirs))
    prune.ln_structured(mine, "weight", 1, n=2, dim=0)
    torch_prune.ln_structured(theirs, "weight", 1, n=2, dim=0)
    np.testing.assert_array_equal(zeros_of(mine), zeros_of(theirs))
    assert sorted(mine.state_dict()) == sorted(theirs.state_dict())


def test_pruned_weights_stay_zero_in_training():
    layer = prune.random_unstructured(nn.Linear(4, 3), "weight", 0.5)
    pruned = zeros_of(layer)
    assert pruned.sum() == 6
    optimizer = lucid.optim.SGD(layer.parameters(), lr=0.1)
    layer(lucid.randn(5, 4)).square().sum().backward()
    assert not layer.weight_orig.grad.numpy()[pruned].any()
    optimizer.step()
    layer(lucid.randn(5, 4))
    np.testing.assert_array_equal(zeros_of(layer), pruned)
    assert prune.is_pruned(nn.Sequential(layer))
    prune.remove(layer, "weight")
    assert not prune.is_pruned(layer)
    assert isinstance(layer.weight, nn.Parameter)


def test_all_over_a_model():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    nn.init.constant_(model[0].weight, 0.1)
    nn.init.constant_(model[1].weight, 1.0)
    prune.global_unstructured([(layer, "weight") for layer in model], amount=9)
    assert zeros_of(model[0]).all()
    assert not zeros_of(model[1]).any()


def test_refusals():
    layer = nn.Linear(2, 2)
    with pytest.raises(ArgumentError, match="no parameter 'wait'"):
        prune.l1_unstructured(layer, "wait", 1)
    with pytest.raises(ArgumentError, match="at most 4"):
        prune.l1_unstructured(layer, "weight", 5)
    with pytest.raises(ShapeError, match="the parameter's shape"):
        prune.custom_from_mask(layer, "weight", lucid.ones(2))
    with pytest.raises(ShapeError, match="two dimensions"):
        prune.ln_structured(layer, "bias", 1, n=2, dim=0)
    assert sorted(layer.state_dict()) == ["bias", "weight"]


# ---- methods as classes ---------------------------------------------------------------


def every_other(module):
    """A method of one's own, written the same for both."""

    class EveryOther(module.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    return EveryOther


METHODS = {
    "own": lambda p: every_other(p).apply,
    "L1Unstructured": lambda p: lambda m, name: p.L1Unstructured.apply(m, name, amount=0.2),
    "LnStructured": lambda p: lambda m, name: p.LnStructured.apply(m, name, 1, n=1, dim=1),
    "CustomFromMask": lambda p: lambda m, name: p.CustomFromMask.apply(m, name, m.weight > -0.5),
    "Identity": lambda p: p.Identity.apply,
}


@pytest.mark.parametrize("second", METHODS)
@pytest.mark.parametrize("first", METHODS)
def test_methods_in_turn_beside_pytorch(first, second):
    torch = pytest.importorskip("torch")
    torch_prune = pytest.importorskip("torch.nn.utils.prune")
    weight = rng.standard_normal((5, 4))
    mine, theirs = nn.Linear(4, 5).double(), torch.nn.Linear(4, 5).double()
    mine.weight.data[...] = weight
    theirs.weight.data[...] = torch.tensor(weight)
    for name in (first, second, "L1Unstructured"):
        hook = METHODS[name](prune)(mine, "weight")
        METHODS[name](torch_prune)(theirs, "weight")
        np.testing.assert_array_equal(zeros_of(mine), zeros_of(theirs))
    assert isinstance(hook, prune.PruningContainer)
    assert len(hook) == 3
    assert type(hook[1]).__name__ == ("EveryOther" if second == "own" else second)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    hook.remove(mine)
    assert list(mine.state_dict()) == ["bias", "weight"]
    assert not prune.is_pruned(mine)


def test_a_tensor_is_pruned_alone():
    t = lucid.tensor([3.0, -1.0, 2.0])
    method = prune.L1Unstructured(amount=1)
    assert method.prune(t).tolist() == [3, 0, 2]
    assert method.prune(t, lucid.tensor([1.0, 0.0, 1.0])).tolist() == [3, 0, 0]
    assert method.prune(t, importance_scores=lucid.tensor([1, 2, 3])).tolist() == [0, -1, 2]


def test_a_class_all_over_a_model():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    places = [(layer, "weight") for layer in model]
    prune.global_unstructured(places, prune.RandomUnstructured, amount=0.5)
    prune.global_unstructured(places, every_other(prune))
    assert sum(zeros_of(layer).sum() for layer in model) == 9 + 5
    with pytest.raises(ArgumentError, match="PRUNING_TYPE 'unstructured'"):
        prune.global_unstructured(places, prune.LnStructured, amount=1, n=2)


def test_what_a_container_refuses():
    one, other = prune.Identity(), prune.Identity()
    one.name, other.name = "weight", "bias"
    assert list(prune.PruningContainer([one])) == [one]
    with pytest.raises(ArgumentError, match="is for 'bias'"):
        prune.PruningContainer(one, other)
    with pytest.raises(DTypeError, match="not str"):
        prune.PruningContainer("weight")

    class Wrong(prune.Identity):
        def compute_mask(self, t, default_mask):
            return lucid.ones(1)

    layer = nn.Linear(2, 2)
    with pytest.raises(ShapeError, match="the mask must have the parameter's shape"):
        Wrong.apply(layer, "weight")
    assert not prune.is_pruned(layer)
    with pytest.raises(ArgumentError, match="is not pruned"):
        prune.remove(layer, "weight")
