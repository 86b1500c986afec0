"""Shape, joining, indexing, products and changes in place, against PyTorch."""

import numpy as np
import pytest

import lucid

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)


def both(*shape):
    """The same leaf in both frameworks."""
    values = RNG.standard_normal(shape)
    return lucid.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)


def assert_equal(mine, theirs):
    assert tuple(mine.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), atol=1e-12)


def as_tuple(out):
    return tuple(out) if isinstance(out, tuple | list) else (out,)


def check(function, *shapes):
    """`function(framework, *leaves)` has equal values and gradients in both."""
    leaves = [both(*shape) for shape in shapes]
    mine = as_tuple(function(lucid, *(m for m, _ in leaves)))
    theirs = as_tuple(function(torch, *(t for _, t in leaves)))
    assert len(mine) == len(theirs)
    losses = [0.0, 0.0]
    for m, t in zip(mine, theirs, strict=True):
        assert_equal(m, t)
        weights = RNG.standard_normal(tuple(t.shape))
        losses[0] = losses[0] + (m * m * lucid.tensor(weights)).sum()
        losses[1] = losses[1] + (t * t * torch.tensor(weights)).sum()
    for loss in losses:
        loss.backward()
    for m, t in leaves:
        assert (m.grad is None) == (t.grad is None)
        if t.grad is not None:
            assert_equal(m.grad, t.grad)


FUNCTIONS = [
    (lambda L, x: x.reshape(3, -1), (2, 3, 2)),
    (lambda L, x: x.view(-1, 4), (2, 3, 2)),
    (lambda L, x: x.flatten(), ()),
    (lambda L, x: L.flatten(x, 1), (2, 3, 2)),
    (lambda L, x: x.unflatten(1, (-1, 2)), (3, 4)),
    (lambda L, x: x.squeeze(), (1, 3, 1)),
    (lambda L, x: x.squeeze((0, 1)), (1, 3, 1)),
    (lambda L, x: L.unsqueeze(x, -2), (2, 3)),
    (lambda L, x: x.expand(2, -1, 4), (3, 1)),
    (lambda L, x: L.movedim(x, (0, 1), (2, 0)), (2, 3, 4)),
    (lambda L, x: L.swapaxes(x, 0, -1), (2, 3, 4)),
    (lambda L, x: x.t(), (2, 3)),
    (lambda L, x: x.mT, (2, 3, 4)),
    (lambda L, x: L.broadcast_tensors(x, x[:1]), (3, 2)),
    (lambda L, x: x.split(2), (5, 2)),
    (lambda L, x: x.split([1, 3], dim=1), (2, 4)),
    (lambda L, x: L.chunk(x, 3), (7,)),
    (lambda L, x: L.chunk(x, 5), (6,)),
    (lambda L, x: L.tensor_split(x, 3, dim=1), (2, 4)),
    (lambda L, x: L.tensor_split(x, (1, 3)), (4,)),
    (lambda L, x: L.unbind(x, 1), (2, 3)),
    (lambda L, x: tuple(x), (3, 2)),
    (lambda L, x: x.repeat(2, 3), (2,)),
    (lambda L, x: L.tile(x, (2, 1)), (2, 3)),
    (lambda L, x: L.repeat_interleave(x, 3, dim=1), (2, 2)),
    (lambda L, x: L.repeat_interleave(x, L.tensor([0, 2]), dim=0), (2, 2)),
    (lambda L, x: L.flip(x, (0, 1)), (2, 3)),
    (lambda L, x: L.roll(x, (1, -1), (0, 1)), (3, 3)),
    (lambda L, x: L.roll(x, 2), (2, 3)),
    (lambda L, x: L.rot90(x, -1, (0, 1)), (2, 3)),
    (lambda L, x: L.tril(x, -1), (2, 3, 3)),
    (lambda L, x: L.triu(x, 1), (3, 4)),
    (lambda L, x: L.diag(x, 1), (3,)),
    (lambda L, x: L.diag(x, -1), (3, 2)),
    (lambda L, x: L.diagonal(x, 1, 0, 2), (2, 3, 4)),
    (lambda L, x: L.trace(x), (3, 2)),
    (lambda L, x, y: L.cat([x, y], dim=-1), (2, 3), (2, 1)),
    (lambda L, x, y: L.stack((x, y), 1), (2, 3), (2, 3)),
    (lambda L, x, y: L.vstack((x, y)), (3,), (2, 3)),
    (lambda L, x, y: L.hstack((x, y)), (3,), (2,)),
    (lambda L, x, y: L.dstack((x, y)), (2, 3), (2, 3)),
    (lambda L, x, y: L.block_diag(x, y), (2, 3), (2,)),
    (lambda L, x, y: L.meshgrid(x, y, indexing="xy"), (2,), (3,)),
    (lambda L, x: x[1, ..., None, :2], (2, 3, 4)),
    (lambda L, x: x[[0, 0, 1]], (2, 3)),
    (lambda L, x: x[:, L.tensor([[1, 0]])], (2, 3)),
    (lambda L, x: x[L.tensor([0, 1]), :, L.tensor([2, 2])], (2, 3, 4)),
    (lambda L, x: x[x > 0], (3, 3)),
    (lambda L, x: x[L.tensor([True, False])], (2, 3)),
    (lambda L, x: x[True], (2,)),
    (lambda L, x: L.index_select(x, 1, L.tensor([2, 0, 2])), (2, 3)),
    (lambda L, x: L.gather(x, 1, L.tensor([[0, 0], [2, 1]])), (3, 3)),
    (lambda L, x, y: L.scatter(x, 0, L.tensor([[2, 1, 0]]), y), (3, 3), (1, 3)),
    (lambda L, x, y: L.scatter_add(x, 0, L.tensor([[1, 1, 0], [1, 1, 1]]), y), (3, 3), (2, 3)),
    (lambda L, x, y: L.index_add(x, 0, L.tensor([1, 1]), y, alpha=2), (2, 3), (2, 3)),
    (lambda L, x: L.take_along_dim(x, L.tensor([[1], [0]]), 1), (2, 3)),
    (lambda L, x: L.take(x, L.tensor([5, 0, 5])), (2, 3)),
    (lambda L, x: L.masked_select(x, x > 0), (2, 3)),
    (lambda L, x: L.select(x, 1, -1), (2, 3)),
    (lambda L, x: L.narrow(x, 1, 1, 2), (2, 3)),
    (lambda L, x, y: L.matmul(x, y), (2, 1, 2, 3), (4, 3, 2)),
    (lambda L, x, y: x @ y, (3,), (2, 3, 2)),
    (lambda L, x, y: L.bmm(x, y.mT), (2, 3, 4), (2, 3, 4)),
    (lambda L, x, y: L.einsum("bij,bkj->bik", x, y), (2, 3, 4), (2, 2, 4)),
    (lambda L, x, y: L.einsum("...i,ij->...j", x, y), (2, 3, 4), (4, 2)),
    (lambda L, x, y: L.tensordot(x, y, dims=([1], [0])), (2, 3), (3, 4)),
    (lambda L, x, y: L.kron(x, y), (2, 2), (2, 3)),
    (lambda L, x, y: L.inner(x, y), (2, 3), (4, 3)),
    (lambda L, x, y: L.outer(x, y), (2,), (3,)),
    (lambda L, c, x, y: L.addmm(c, x, y, beta=0.5, alpha=2), (3,), (2, 2), (2, 3)),
    (lambda L, c, x, y: L.baddbmm(c, x, y), (2, 2, 3), (2, 2, 2), (2, 2, 3)),
]


@pytest.mark.parametrize(("function", "shapes"), [(f, shapes) for f, *shapes in FUNCTIONS])
def test_functions(function, shapes):
    check(function, *shapes)


# ---- changes in place -----------------------------------------------------------


def changed(steps):
    """A program that changes ``y = 2 x`` in place and gives every tensor that it names."""

    def program(L, x, p):
        names = {"L": L, "x": x, "p": p, "y": x * 2}
        exec(steps, names)  # the same statements for both frameworks
        tensors = (t for name, t in names.items() if name not in ("L", "x", "p"))
        return tuple(t for t in tensors if isinstance(t, L.Tensor))

    return program


@pytest.mark.parametrize(
    "steps",
    [
        "y += 1; y *= p",
        "y -= p; y /= 3.0; y.neg_()",
        "y.mul_(0.1).exp_()",
        "y[0] = p",
        "y[:, 1] = 0.0",
        "y[0] += p; y[1, 2] *= 3",
        "y[0][1] += 1",
        "y[y > 0] = 0.0",
        "y[[0, 1], [1, 2]] = p[:2]",
        "row = y[0]; row *= p",
        "row = y[0]; y += p; row *= 2",
        "flat = y.view(-1); flat[2] = 7.0; y *= 2",
        "turned = y.t(); turned[0] = p[:2]; last = y[:, -1]; last.zero_()",
        "a = y[0]; b = y[:, 0]; c = b[1:]; a += p; c *= 3",
        "part = y[:, ::2]; cell = part[1, 1]; cell.fill_(2.0); part *= p[:2]",
        "y.zero_()",
        "y.copy_(p)",
        "y.fill_(p[0])",
        "y.masked_fill_(y > 0, 0.5)",
        "y.scatter_(1, L.tensor([[0], [2]]), 1.5)",
        "y.index_add_(0, L.tensor([1, 1]), L.stack([p, p]))",
        "z = L.zeros(2, 3, dtype=L.float64); first = z[0]; z[0] = p; z[1] = y[1]",
        "z = L.zeros(3, dtype=L.float64); z += p; z[1:] = z[:-1].clone()",
        "d = y.detach(); y = y + 1; d += 1",
    ],
)
def test_changes_in_place(steps):
    check(changed(steps), (2, 3), (3,))


@pytest.mark.parametrize(
    "steps",
    [
        "x += 1",
        "x[0] = 0.0",
        "x[0].zero_()",
        "x.view(-1).mul_(2)",
        "z = y * y; y += 1; z.sum().backward()",
        "z = y.exp(); z += 1; z.sum().backward()",
        "z = y.sin(); y[0, 0] = 1.0; z.sum().backward()",
        "row = y[0]; z = row * row; y *= 2; z.sum().backward()",
        "y.split(1)[0].mul_(2)",
        "y.unbind()[0].mul_(2)",
        "i = L.tensor([0, 1]); i += 0.5",
        "i = L.tensor([0, 1]); i /= 2",
        "q = L.zeros(3); q += L.zeros(2, 3)",
        "L.zeros(3).expand(2, 3).add_(1)",
        "y.view(4)",
        "y.t().view(-1)",
        "y[5]",
        "y[0, 0, 0]",
        "y[L.tensor([0.5])]",
        "y.reshape(4, 4)",
        "L.cat([y, y[0]])",
        "L.stack([y, y[0]])",
        "y @ y",
        "L.einsum('ij,jk', y, y)",
        "y.gather(0, L.tensor([0]))",
        "y.gather(0, L.tensor([[5]]))",
        "y.permute(0, 0)",
        "y.expand(3)",
    ],
)
def test_refused_by_both(steps):
    for L, leaf in zip((lucid, torch), both(2, 3), strict=True):
        with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)) as caught:
            changed(steps)(L, leaf, leaf[0])
        if L is lucid:
            assert isinstance(caught.value, lucid.errors.LucidError)
