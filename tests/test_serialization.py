"""`save` and `load`: round trips, other people's files, damage, and interrupted writing."""

import builtins
import contextlib
import json
import math
import os
import struct

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lucid
from lucid.errors import ArgumentError, DTypeError, LucidError, StateError

safetensors = pytest.importorskip("safetensors.numpy")
safetensors_package = pytest.importorskip("safetensors")

DTYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", ml_dtypes.bfloat16,
]  # fmt: skip


def round_trip(obj, folder):
    lucid.save(obj, folder / "file.safetensors")
    return lucid.load(folder / "file.safetensors")


def assert_same(a, b):
    if isinstance(a, lucid.Tensor | np.ndarray):
        a = np.asarray(a.data if isinstance(a, lucid.Tensor) else a)
        assert isinstance(b, lucid.Tensor)
        assert not b.requires_grad
        assert (a.shape, a.dtype.newbyteorder("=")) == (b.shape, b.dtype)
        assert a.astype(b.dtype).tobytes() == b.data.tobytes()
        return
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, float | complex):
        assert repr(a) == repr(b)
    else:
        assert a == b


arrays = st.sampled_from(DTYPES[:-1]).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
    )
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=5)
)
keys = (
    st.text(st.characters(), max_size=4) | st.integers(-3, 3) | st.sampled_from(["a", "a.b", "b"])
)
objects = st.recursive(
    arrays | scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(obj=objects)
def test_round_trip(obj, tmp_path):
    assert_same(obj, round_trip(obj, tmp_path))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 3)])
def test_dtypes(dtype, shape, tmp_path):
    array = np.asarray(np.arange(math.prod(shape)).reshape(shape)).astype(dtype)
    if array.dtype.kind == "c":
        array = array * (1 - 2j)
        array = np.asarray(array, dtype)
    assert_same(lucid.tensor(array), round_trip(lucid.tensor(array), tmp_path))


def test_layouts(tmp_path):
    base = np.arange(24.0).reshape(4, 6)
    obj = {
        "transposed": base.T,
        "strided": base[::2, ::-1],
        "broadcast": np.broadcast_to(np.float32(1), (2, 3)),
        "swapped": base.astype(">f8"),
    }
    assert_same(obj, round_trip(obj, tmp_path))


def test_shared_tensors_and_parameters(tmp_path):
    w = lucid.tensor([1.0, 2.0], requires_grad=True)
    loaded = round_trip({"encoder": w, "decoder": w, "view": w.detach()[1:]}, tmp_path)
    assert loaded["encoder"].tolist() == loaded["decoder"].tolist() == [1.0, 2.0]
    assert loaded["view"].tolist() == [2.0]


def test_dots_in_keys_do_not_collide(tmp_path):
    obj = {"a.b": np.zeros(1), "a": {"b": np.ones(2)}, "__metadata__": np.ones(3), "": np.ones(4)}
    assert_same(obj, round_trip(obj, tmp_path))


def test_loaded_tensors_may_be_changed(tmp_path):
    loaded = round_trip([np.zeros(3)], tmp_path)[0]
    loaded.data += 1
    assert loaded.data.flags.owndata


def test_optimizer_state_goes_on_alike(tmp_path):
    w, v = (lucid.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    a, b = lucid.optim.Adam([w], lr=0.1, amsgrad=True), lucid.optim.Adam([v])
    for p in (w, v):
        p.grad = lucid.tensor([0.5, -0.5])
    a.step()
    b.load_state_dict(round_trip(a.state_dict(), tmp_path))
    v.data[...] = w.data
    a.step()
    b.step()
    assert w.tolist() == v.tolist()
    assert b.param_groups[0]["betas"] == (0.9, 0.999)


# ---- other people's programs ----------------------------------------------------------


def test_others_read_a_state_dict(tmp_path):
    state = {"layer.0.weight": lucid.ones(2, 3), "layer.0.bias": lucid.zeros(3)}
    lucid.save(state, tmp_path / "state.safetensors")
    read = safetensors.load_file(tmp_path / "state.safetensors")
    assert read.keys() == state.keys()
    for name, tensor in state.items():
        np.testing.assert_array_equal(read[name], tensor.numpy())


def test_files_of_others(tmp_path):
    path = tmp_path / "theirs.safetensors"
    written = {"w": np.ones((2, 3), np.float32), "b": np.ones(3, ml_dtypes.bfloat16)}
    safetensors.save_file(written, path, metadata={"format": "pt"})
    assert_same({k: written[k] for k in sorted(written)}, dict(sorted(lucid.load(path).items())))
    safetensors.save_file(written, path)
    assert lucid.load(str(path)).keys() == written.keys()


# ---- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("obj", "match"),
    [
        ({"a": [1, object()]}, r"obj\['a'\]\[1\] is of type object"),
        ({"f": print}, r"obj\['f'\] is of type builtin_function_or_method"),
        ({(1, 2): 3}, "obj has a key of type tuple"),
        ([np.array(["x"])], r"obj\[0\] is of dtype <U1"),
        ([np.array([object()])], r"obj\[0\] is of dtype object"),
        ({1, 2}, "obj is of type set"),
    ],
)
def test_what_is_not_written(obj, match, tmp_path):
    with pytest.raises(DTypeError, match=match):
        lucid.save(obj, tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_a_container_in_itself(tmp_path):
    obj = {"a": []}
    obj["a"].append(obj)
    with pytest.raises(ArgumentError, match=r"obj\['a'\]\[0\] holds itself"):
        lucid.save(obj, tmp_path / "file")
    twice = [1]
    assert round_trip([twice, twice], tmp_path) == [[1], [1]]


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileNotFoundError):
        lucid.load(tmp_path / "none")
    with pytest.raises(OSError, match="directory"):
        lucid.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        lucid.save(1, tmp_path / "none" / "file")


def test_without_safetensors(tmp_path, monkeypatch):
    ordinary = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("safetensors"):
            raise ImportError(name)
        return ordinary(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(LucidError, match=r"save: needs the package safetensors.*\n.*lucid\[io\]"):
        lucid.save(1, tmp_path / "file")
    with pytest.raises(LucidError, match="load: needs the package safetensors"):
        lucid.load(tmp_path / "file")


# ---- damage ---------------------------------------------------------------------------


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "file"
    lucid.save({"a": lucid.ones(3), "b": [1, "x"]}, path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StateError, match="damaged"):
            lucid.load(path)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_flipped_byte_never_surprises(place, byte, tmp_path):
    path = tmp_path / "file"
    lucid.save({"a": lucid.ones(3), "t": (1, 2.5, None), "c": 1j}, path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    with contextlib.suppress(StateError):  # any other error fails
        lucid.load(path)


@pytest.mark.parametrize(
    "structure",
    [
        "{",
        '{"tensor": "absent"}',
        '{"tensor": 3}',
        '{"run": "rm"}',
        '{"dict": [[{}, 1]]}',
        '{"dict": [[1]]}',
        '{"dict": 5}',
        '{"float": "one"}',
        '{"complex": "1+"}',
        '{"tensor": "a", "complex": true}',
        "[" * 100_000,
        "[" * 50_000 + "]" * 50_000,
    ],
)
def test_hostile_structures(structure, tmp_path):
    path = tmp_path / "file"
    safetensors.save_file({"a": np.ones(3)}, path, metadata={"lucid": structure})
    with pytest.raises(StateError, match="damaged"):
        lucid.load(path)


def test_a_header_that_claims_too_much(tmp_path):
    path = tmp_path / "file"
    header = {"a": {"dtype": "F64", "shape": [1 << 60], "data_offsets": [0, 8]}}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 8)
    with pytest.raises(StateError, match="damaged"):
        lucid.load(path)


# ---- interrupted writing --------------------------------------------------------------


@pytest.mark.parametrize("where", ["save_file", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file(where, error, tmp_path, monkeypatch):
    path = tmp_path / "file"
    lucid.save({"epoch": 1}, path)

    def fail(*args, **kwargs):
        if where == "save_file":
            with open(args[1], "wb") as file:
                file.write(b"half")
        raise error

    monkeypatch.setattr(safetensors if where == "save_file" else os, where, fail)
    with pytest.raises(type(error)):
        lucid.save({"epoch": 2}, path)
    monkeypatch.undo()
    assert lucid.load(path) == {"epoch": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_errors_of_the_library_are_errors_of_writing(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise safetensors_package.SafetensorError("no space")

    monkeypatch.setattr(safetensors, "save_file", fail)
    with pytest.raises(OSError, match=r"save: cannot write .*no space"):
        lucid.save(1, tmp_path / "file")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_links_and_modes(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    lucid.save(1, target)
    link.symlink_to(target)
    lucid.save(2, link)
    assert link.is_symlink()
    assert lucid.load(target) == 2
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert target.stat().st_mode == plain.stat().st_mode
    target.chmod(0o640)
    lucid.save(3, target)
    assert target.stat().st_mode & 0o777 == 0o640
