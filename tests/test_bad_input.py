"""What is refused, by which class of error, and which words the message must hold.

Every row is a call in Lucid's own terms; all names it may use stand in `names`. The table
covers the whole public surface, a few rows each; the finer points stand beside the parts.
"""

import copy
import tempfile

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid import data, nn, optim
from lucid.errors import (
    ArgumentError,
    DTypeError,
    GradError,
    IndexingError,
    LucidError,
    ShapeError,
    StateError,
    UnimplementedError,
    UninitializedError,
)


class Forgetful(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(1, 1)


def names():
    """Fresh objects for every row."""
    return {
        "lucid": lucid,
        "nn": nn,
        "optim": optim,
        "data": data,
        "F": F,
        "np": np,
        "Tensor": lucid.Tensor,
        "x": lucid.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "v": lucid.Tensor([1.0, 2.0, 3.0]),
        "i": lucid.tensor([1, 2, 3]),
        "p": lucid.Tensor([1.0, 2.0, 3.0], requires_grad=True),
        "huber": nn.HuberLoss(),
        "linear": nn.Linear(3, 2),
        "Forgetful": Forgetful,
        "folder": tempfile.gettempdir(),
    }


def changed_in_place(p):
    y = p.exp()
    y += 1
    y.sum().backward()


def second_backward(p):
    loss = (p * p).sum()
    loss.backward()
    loss.backward()


ROWS = [
    # ---- creation
    ("Tensor(2, 3)", ArgumentError, "requires_grad must be True or False, not 3"),
    ("Tensor([[1, 2], [3]])", ShapeError, "Tensor rows of equal length"),
    ("Tensor('abc')", ArgumentError, "Tensor 'abc'"),
    ("lucid.tensor([None])", DTypeError, "tensor not numbers"),
    ("lucid.tensor([1], requires_grad=True)", DTypeError, "floating int64[1]"),
    ("lucid.tensor([300], dtype=lucid.uint8)", ArgumentError, "tensor range of uint8"),
    ("lucid.tensor([1], dtype='foo')", DTypeError, "tensor 'foo' lucid.float32"),
    ("lucid.zeros(-1)", ShapeError, "zeros negative (-1,)"),
    ("lucid.zeros(2, device='cuda')", ArgumentError, "zeros 'cuda' CPU"),
    ("lucid.full((2,), 'a')", DTypeError, "full 'a'"),
    ("lucid.arange(0, 1, 0)", ArgumentError, "arange step zero"),
    ("lucid.randint(5, 5, (2,))", ArgumentError, "randint low high"),
    ("lucid.normal(0, -1, (3,))", ArgumentError, "normal std -1"),
    ("lucid.manual_seed('a')", DTypeError, "manual_seed 'a'"),
    ("lucid.one_hot(lucid.tensor([5]), 3)", ArgumentError, "one_hot num_classes 3"),
    ("lucid.set_default_dtype(lucid.int64)", DTypeError, "set_default_dtype int64"),
    # ---- arithmetic
    ("x + lucid.ones(2)", ShapeError, "add float32[2, 3] float32[2]"),
    ("x + 'a'", DTypeError, "add str"),
    ("x * [1, 2, 3]", DTypeError, "mul list lucid.tensor(value)"),
    ("i // 0", ZeroDivisionError, "floor_divide int64[3] zero"),
    ("i % lucid.tensor([1, 0, 1])", ZeroDivisionError, "remainder int64[3] zero"),
    ("lucid.exp([1.0])", DTypeError, "exp list"),
    ("lucid.relu([1.0])", DTypeError, "relu list"),
    ("lucid.clamp(v)", ArgumentError, "clamp min max"),
    ("lucid.where([True], 1, 2)", DTypeError, "where bool"),
    # ---- products
    ("x @ v[:2]", ShapeError, "matmul float32[2, 3] float32[2]"),
    ("lucid.mm(x, v)", ShapeError, "mm mat2 float32[3]"),
    ("lucid.dot(v, v[:2])", ShapeError, "dot float32[3] float32[2]"),
    ("lucid.einsum('ij,jk', x, v)", ArgumentError, "einsum 'jk' 'ij,jk'"),
    # ---- shape
    ("x.reshape(4)", ShapeError, "reshape float32[2, 3] (4,)"),
    ("x.T.view(6)", ShapeError, "view float32[3, 2] reshape"),
    ("x.expand(4, 3)", ShapeError, "expand float32[2, 3] (4, 3)"),
    ("x.permute(0, 0)", ArgumentError, "permute float32[2, 3] (0, 0)"),
    ("x.transpose(0, 5)", IndexingError, "transpose dimension 5"),
    ("x.squeeze(5)", IndexingError, "squeeze dimension 5"),
    ("lucid.cat([])", ArgumentError, "cat at least one"),
    ("lucid.cat(None)", DTypeError, "cat NoneType"),
    ("lucid.cat([x, v])", ShapeError, "cat float32[2, 3] float32[3]"),
    ("lucid.cat([x, [1]])", DTypeError, "cat tensors[1]"),
    ("lucid.stack([x, v])", ShapeError, "stack float32[2, 3] float32[3]"),
    ("lucid.split(x, 0)", ArgumentError, "split positive"),
    # ---- indexing
    ("x[2]", IndexingError, "getitem index 2 float32[2, 3]"),
    ("x[0, 0, 0]", IndexingError, "getitem too many float32[2, 3]"),
    ("x['a']", IndexingError, "getitem 'a'"),
    ("x[lucid.tensor([True, False, True])]", IndexingError, "getitem float32[2, 3] bool[3]"),
    ("x.__setitem__(5, 1)", IndexingError, "setitem index 5 float32[2, 3]"),
    ("x.__setitem__(0, lucid.ones(2))", ShapeError, "setitem float32[2, 3] float32[2]"),
    ("x.__setitem__(0, None)", DTypeError, "setitem NoneType"),
    ("x.__setitem__(0, 1j)", DTypeError, "setitem complex"),
    ("lucid.gather(x, 0, lucid.tensor([5]))", ShapeError, "gather float32[2, 3] int64[1]"),
    # ---- reductions
    ("x.sum(5)", IndexingError, "sum dimension 5 -2 to 1"),
    ("x.sum((0, 0))", ArgumentError, "sum twice"),
    ("x.mean(dim=0, axis=1)", ArgumentError, "mean dim axis"),
    ("i.mean()", DTypeError, "mean int64[3] float()"),
    ("lucid.zeros(0).max()", IndexingError, "max float32[0]"),
    ("v.topk(5)", ArgumentError, "topk float32[3] 5"),
    ("v.softmax(3)", IndexingError, "softmax dimension 3"),
    ("x.item()", ArgumentError, "item one element float32[2, 3]"),
    ("bool(x)", ArgumentError, "bool ambiguous x.any()"),
    # ---- differentiation
    ("v.sum().backward()", GradError, "backward requires no gradient requires_grad=True"),
    ("(p * 2).backward()", GradError, "backward one element float32[3] .sum()"),
    ("(p * 2).backward(v[:2])", ShapeError, "backward float32[3] float32[2]"),
    (second_backward, GradError, "backward released retain_graph=True"),
    (changed_in_place, GradError, "backward exp changed in place float32[3] clone"),
    ("p.add_(1)", GradError, "add_ leaf no_grad float32[3]"),
    ("lucid.autograd.grad(p.sum(), v)", GradError, "grad inputs[0] float32[3]"),
    ("lucid.autograd.grad((p * 2).sum(), (p, lucid.ones(1, requires_grad=True)))", GradError,
     "grad inputs[1] allow_unused"),
    ("lucid.autograd.gradcheck(lambda a: a.sum(), (p,))", DTypeError, "gradcheck float64"),
    ("v.register_hook(print)", GradError, "register_hook float32[3]"),
    ("p.register_hook(3)", DTypeError, "register_hook callable int"),
    ("v.retain_grad()", GradError, "retain_grad float32[3]"),
    ("p.numpy()", GradError, "numpy detach float32[3]"),
    # ---- losses
    ("nn.HuberLoss('avg')", ArgumentError, "HuberLoss reduction 'mean' 'sum' 'avg'"),
    ("nn.HuberLoss(delta=0)", ArgumentError, "HuberLoss delta positive 0"),
    ("nn.HuberLoss(delta=float('nan'))", ArgumentError, "HuberLoss delta nan"),
    ("nn.HuberLoss(delta='mda')", ArgumentError, "HuberLoss 'mad' 'mda'"),
    ("nn.HuberLoss(delta=lucid.tensor([1.0, -2.0]))", ArgumentError, "HuberLoss delta -2.0"),
    ("nn.HuberLoss(delta=nn.Parameter(-1.0))", ArgumentError, "HuberLoss -1.0 normalizer=True"),
    ("F.huber_loss(v, v, delta=-1)", ArgumentError, "huber_loss delta -1"),
    ("F.huber_loss(v, v, reduction='x')", ArgumentError, "huber_loss reduction 'x'"),
    ("huber(v, v.unsqueeze(-1))", ShapeError, "HuberLoss float32[3] float32[3, 1] squeeze(-1)"),
    ("huber(v, [1.0, 2.0, 3.0])", DTypeError, "HuberLoss target list"),
    ("huber(v * 1j, v)", DTypeError, "HuberLoss complex64[3]"),
    ("huber(v, v, weight=-v)", ArgumentError, "HuberLoss weight negative float32[3]"),
    ("huber(v, v, weight='x')", ArgumentError, "HuberLoss weight"),
    ("huber(v, v, weight=v[:2])", ShapeError, "HuberLoss weight [3] float32[2]"),
    ("huber(v, v, mask=v)", DTypeError, "HuberLoss mask bool float32[3]"),
    ("nn.MSELoss(nan_target='raise')(v, v * float('nan'))", ArgumentError, "MSELoss 3 NaN (0,)"),
    # ---- modules
    ("nn.Linear(-1, 2)", ArgumentError, "Linear in_features -1"),
    ("nn.Linear(2.5, 2)", DTypeError, "Linear in_features 2.5"),
    ("linear(v[:2])", ShapeError, "linear 3 features float32[2] float32[2, 3]"),
    ("linear(x.double())", DTypeError, "linear float64[2, 3] float32[2, 3]"),
    ("linear(i)", DTypeError, "linear int64[3]"),
    ("linear(np.ones((2, 3), np.float32))", DTypeError, "linear input ndarray lucid.tensor(input)"),
    ("linear([[1.0, 2.0, 3.0]])", DTypeError, "linear input list"),
    ("nn.BatchNorm1d(4)(x)", ShapeError, "batch_norm float32[2, 3] float32[4]"),
    ("nn.BatchNorm1d(3)(v)", ShapeError, "BatchNorm1d (N, C) float32[3]"),
    ("nn.BatchNorm1d(3)(x[:1])", ArgumentError, "batch_norm one value float32[1, 3]"),
    ("nn.BatchNorm1d(3)(np.ones((2, 3)))", DTypeError, "batch_norm ndarray"),
    ("nn.LayerNorm(4)(x)", ShapeError, "layer_norm [4] float32[2, 3]"),
    ("nn.LayerNorm(3)([[1.0, 2.0, 3.0]])", DTypeError, "layer_norm list"),
    ("nn.Dropout(1.5)", ArgumentError, "Dropout between 0 and 1 1.5"),
    ("nn.Dropout()([1.0])", DTypeError, "dropout list"),
    ("nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 1))(x)", ShapeError, "linear float32[2, 2]"),
    ("nn.Sequential(lucid.relu)", DTypeError, "Sequential modules function"),
    ("nn.Module()(x)", UnimplementedError, "forward"),
    ("Forgetful()", UninitializedError, "Forgetful super().__init__()"),
    ("linear.load_state_dict({})", StateError, "load_state_dict Linear missing weight bias"),
    ("linear.load_state_dict({**linear.state_dict(), 'extra': v})", StateError, "unexpected extra"),
    ("linear.load_state_dict({'weight': x.T, 'bias': v[:2]})", StateError,
     "load_state_dict float32[3, 2] float32[2, 3]"),
    # ---- optimizers
    ("optim.SGD([], lr=0.1)", ArgumentError, "SGD params empty model.parameters()"),
    ("optim.Adam(iter([]))", ArgumentError, "Adam params empty"),
    ("optim.SGD(linear, lr=0.1)", ArgumentError, "SGD Linear model.parameters()"),
    ("optim.SGD([p], lr=-1)", ArgumentError, "SGD lr -1"),
    ("optim.Adam([p], betas=(1.0, 0.9))", ArgumentError, "Adam betas[0] 1.0"),
    ("optim.SGD([p, p], lr=0.1)", ArgumentError, "SGD parameter 1 twice float32[3]"),
    ("optim.SGD([p * 2], lr=0.1)", ArgumentError, "SGD parameter 0 leaf float32[3]"),
    ("optim.SGD([p]).load_state_dict(optim.Adam([p]).state_dict())", StateError, "SGD momentum"),
    ("optim.SGD([p], check_finite=True).step(lambda: lucid.tensor(float('nan')))", GradError,
     "SGD.step loss nan nothing was updated"),
    ("optim.clip_grad_norm_([p], -1)", ArgumentError, "clip_grad_norm_ max_norm -1"),
    ("optim.clip_grad_norm_([p], 'a')", ArgumentError, "clip_grad_norm_ max_norm 'a'"),
    ("optim.clip_grad_norm_([p], 1, norm_type='a')", ArgumentError, "clip_grad_norm_ norm_type"),
    # ---- data
    ("data.DataLoader(5)", DTypeError, "DataLoader dataset int"),
    ("data.DataLoader([1], batch_size=0)", ArgumentError, "DataLoader batch_size 0"),
    ("list(data.DataLoader([x, v], batch_size=2))", ShapeError, "float32[2, 3] float32[3]"),
    ("data.TensorDataset(x, v)", ShapeError, "TensorDataset float32[2, 3] float32[3]"),
    ("data.random_split([1, 2, 3], [1, 1])", ArgumentError, "random_split [1, 1] 3"),
    # ---- files
    ("lucid.save({'a': object()}, folder + '/never')", DTypeError, "save ['a'] object"),
    ("lucid.load(folder)", OSError, "directory"),
]  # fmt: skip


def spelled(part):
    """A part of a row in a test's name: the same in every process."""
    return getattr(part, "__name__", str(part))[:60]


@pytest.mark.parametrize(("call", "error", "words"), ROWS, ids=spelled)
def test_bad_input_is_refused_by_name(call, error, words):
    if "save" in words:
        pytest.importorskip("safetensors")
    known = names()
    before = {name: copy.deepcopy(known[name]) for name in ("x", "v", "i", "p", "linear")}
    with pytest.raises(error) as caught:
        eval(call, known) if isinstance(call, str) else call(known["p"])
    message = str(caught.value)
    for word in words.split(" "):
        assert word in message, message
    if error.__module__.startswith("lucid"):
        assert isinstance(caught.value, LucidError)
    for name, was in before.items():  # nothing is half-changed
        assert_unchanged(known[name], was)


def assert_unchanged(now, was):
    if isinstance(now, nn.Module):
        now, was = now.state_dict(), was.state_dict()
        assert list(now) == list(was)
        assert all(lucid.equal(now[name], was[name]) for name in now)
    else:
        np.testing.assert_array_equal(now.data, was.data)
        assert now.requires_grad == was.requires_grad


def test_a_nan_gradient_changes_no_parameter():
    first, second = (lucid.ones(2, requires_grad=True) for _ in range(2))
    optimizer = optim.Adam([first, second], lr=0.1, check_finite=True)
    (first.sum() + second.sum() * float("nan")).backward()
    with pytest.raises(GradError, match=r"(?s)Adam\.step.*parameter 1 of group 0.*2 NaN"):
        optimizer.step()
    assert first.tolist() == second.tolist() == [1, 1]
    assert optimizer.state_dict()["state"] == {}


def test_a_failed_backward_changes_no_gradient():
    first, second = (lucid.ones(2, requires_grad=True) for _ in range(2))
    y = second.exp()
    loss = (first * 2).sum() + y.sum()
    y += 1
    with pytest.raises(GradError, match="exp"):
        loss.backward()
    assert first.grad is second.grad is None
