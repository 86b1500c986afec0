"""Tensors over given memory: shared where it says so, refused where it does not fit."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, ShapeError


def test_frombuffer():
    memory = bytearray(np.arange(4, dtype=np.int32).tobytes())
    x = lucid.frombuffer(memory, dtype=lucid.int32, count=2, offset=4)
    assert x.tolist() == [1, 2]
    x[0] = 9
    assert memory[4] == 9
    assert lucid.frombuffer(memory, dtype="float32", requires_grad=True).requires_grad
    with pytest.raises(ArgumentError, match="read-only"):
        lucid.frombuffer(bytes(4), dtype=lucid.int8).zero_()


@pytest.mark.parametrize(
    ("buffer", "options", "error", "words"),
    [
        (bytes(5), {}, ArgumentError, "multiple of element size"),
        (bytes(8), {"count": 3}, ArgumentError, "smaller than requested"),
        (bytes(8), {"offset": 9}, ArgumentError, "offset"),
        ([1, 2], {}, DTypeError, "not list"),
    ],
)
def test_buffers_that_do_not_fit(buffer, options, error, words):
    with pytest.raises(error, match=f"frombuffer: .*{words}"):
        lucid.frombuffer(buffer, dtype=lucid.int32, **options)


def test_from_file(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(np.arange(4, dtype=np.float32).tobytes())
    private = lucid.from_file(str(path), size=3)
    private += 1
    assert private.tolist() == [1, 2, 3]
    shared = lucid.from_file(path, shared=True, size=6)
    assert shared.tolist() == [0, 1, 2, 3, 0, 0]
    shared[5] = 7
    assert lucid.from_file(path, size=6)[5].item() == 7
    assert lucid.from_file(path).shape == (0,)
    fresh = lucid.from_file(tmp_path / "fresh", shared=True, size=2, dtype=lucid.int16)
    assert fresh.tolist() == [0, 0]
    with pytest.raises(ArgumentError, match="holds 6 elements"):
        lucid.from_file(path, size=7)
    with pytest.raises(FileNotFoundError):
        lucid.from_file(tmp_path / "none", size=1)


def test_dlpack():
    array = np.arange(3.0)
    x = lucid.from_dlpack(array)
    x[0] = 5.0
    assert array[0] == 5
    back = np.from_dlpack(x)
    assert np.shares_memory(back, array)
    torch = pytest.importorskip("torch")
    assert torch.from_dlpack(x).tolist() == [5, 1, 2]
    assert lucid.from_dlpack(torch.ones(2)).tolist() == [1, 1]
    with pytest.raises(DTypeError, match="from_dlpack"):
        lucid.from_dlpack([1.0])
    with pytest.raises(RuntimeError, match="gradient"):
        np.from_dlpack(Tensor([1.0], requires_grad=True))


@pytest.mark.parametrize(
    ("size", "stride"),
    [((2, 3), (3, 1)), ((2, 3), (1, 2)), ((2, 3), (8, 2)), ((), ()), ((0,), (1,))],
)
def test_empty_strided(size, stride):
    x = lucid.empty_strided(size, stride, dtype=lucid.float64)
    assert (x.shape, x.dtype) == (size, lucid.float64)
    assert 0 in size or x.stride() == stride
    x.fill_(7)
    assert x.new_empty_strided(size, stride).dtype == lucid.float64


def test_strides_that_overlap_or_do_not_pair_up():
    with pytest.raises(ArgumentError, match="share memory"):
        lucid.empty_strided((2, 2), (0, 1)).zero_()
    with pytest.raises(ShapeError, match="equal lengths"):
        lucid.empty_strided((2, 2), (1,))
    with pytest.raises(ShapeError, match="negative"):
        lucid.empty_strided((2,), (-1,))


def test_empty_permuted():
    torch = pytest.importorskip("torch")
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        ours = lucid.empty_permuted((2, 3, 4), order)
        assert ours.stride() == torch.empty_permuted((2, 3, 4), order).stride()
    with pytest.raises(ArgumentError, match="named once"):
        lucid.empty_permuted((2, 3), (0, 0))


@pytest.mark.parametrize("args", [(1, 4), (0, 1, 0.3), (5, 1, -2), (3,), (2, 2)])
def test_range(args):
    torch = pytest.importorskip("torch")
    expected = torch.arange(args[0], args[1] + 1e-9, args[2]) if args == (0, 1, 0.3) else None
    if expected is None:
        start, end, step = (0, *args, 1) if len(args) == 1 else (*args, 1)[:3]
        expected = torch.tensor([start + i * step for i in range((end - start) // step + 1)])
    ours = lucid.range(*args)
    assert ours.dtype == lucid.float32
    np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=1e-6)
    with pytest.raises(ArgumentError, match="range: step leads away"):
        lucid.range(0, 3, -1)


def test_scalar_tensor_and_fill():
    assert lucid.scalar_tensor(2).dtype == lucid.float32
    assert lucid.scalar_tensor(True, dtype=lucid.bool).item() is True
    x = Tensor([1.0, 2.0], requires_grad=True)
    (lucid.fill(x, 3) * x).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_new_tensors_take_the_dtype():
    x = lucid.zeros(1, dtype=lucid.int16)
    for made in (
        x.new_zeros(2, device="cpu"),
        x.new_ones((2,)),
        x.new_empty(2),
        x.new_full((2,), 3),
        x.new_tensor([1, 2]),
    ):
        assert (made.dtype, made.shape) == (lucid.int16, (2,))
    assert x.new_full((1,), 2, dtype=lucid.float32, requires_grad=True).requires_grad
    with pytest.raises(ArgumentError, match="cuda"):
        x.new_ones(2, device="cuda")
