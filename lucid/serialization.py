"""`save` and `load`: tensors and what holds them, as safetensors files.

The tensors lie in the file under their paths (``"layers.0.weight"``), where any reader of
safetensors finds them; the containers around them, the numbers and the strings are JSON in
its metadata. Nothing in a file is ever run: there is no pickle.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .core.tensor import Tensor, wrap
from .errors import ArgumentError, DTypeError, LucidError, StateError, compose

_KEY = "lucid"  # of our JSON in the file's metadata
_DTYPES = frozenset("?bBhHiIlLqQefdFD")  # NumPy's letters; bfloat16 besides
_SCALARS = (type(None), bool, int, str)  # what JSON has, floats apart


def save(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write an object to a safetensors file.

    The file appears under its name complete or not at all: if anything fails, an earlier
    file of that name is still there, whole.

    Parameters
    ----------
    obj : object
        A tensor, an array, a number, a string, None, or dicts, lists and tuples of such, in
        any depth: what ``model.state_dict()`` and ``optimizer.state_dict()`` give. Only the
        values of a tensor are written.
    path : str or path

    Raises
    ------
    DTypeError
        If something in `obj` is of a type that is not written; the message says where.
    ArgumentError
        If a container holds itself.
    OSError
        If the file cannot be written.
    LucidError
        If the package safetensors is not installed.

    See Also
    --------
    load

    Examples
    --------
    >>> import lucid, os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "state.safetensors")
    ...     lucid.save({"weight": lucid.tensor([1.0, 2.0]), "epoch": 3}, path)
    ...     lucid.load(path)
    {'weight': Tensor([1.0000, 2.0000]), 'epoch': 3}
    """
    import json  # costs `import lucid` 2 ms

    library = _library("save")
    writer = _Writer()
    structure = writer.write(obj, ())
    metadata = {_KEY: json.dumps(structure, allow_nan=False), "format": "np"}
    target = os.path.realpath(path)
    temporary = f"{target}.{os.urandom(6).hex()}.tmp"  # same folder: replacing it is atomic
    try:
        with open(temporary, "xb"):  # for the permissions that a new file gets here
            mode = os.stat(target if os.path.exists(target) else temporary).st_mode
        library.numpy.save_file(writer.arrays, temporary, metadata=metadata)
        os.chmod(temporary, mode & 0o777)
        with open(temporary, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except library.SafetensorError as error:
        raise OSError(compose("save", f"cannot write {target!r}: {error}")) from error
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    _settle_folder(os.path.dirname(target))


def load(path: str | os.PathLike[str]) -> Any:
    """Read a safetensors file: one that `save` wrote, or anybody else's.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    object
        What was saved, with arrays as tensors that require no gradient; of a file that
        another program wrote, a dict of its tensors by name.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StateError
        If the file is damaged, or no safetensors file.
    LucidError
        If the package safetensors is not installed.

    See Also
    --------
    save

    Examples
    --------
    >>> import lucid, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "state.safetensors")
    >>> lucid.save({"weight": lucid.tensor([1.0, 2.0]), "epoch": 3}, path)
    >>> lucid.load(path)
    {'weight': Tensor([1.0000, 2.0000]), 'epoch': 3}
    """
    import json

    library = _library("load")
    with open(path, "rb"):  # the system's own words for what is missing or locked
        pass
    try:
        with library.safe_open(os.fspath(path), framework="np") as file:
            metadata = file.metadata() or {}
            tensors = {name: wrap(np.array(file.get_tensor(name))) for name in file.keys()}  # noqa: SIM118
        if _KEY not in metadata:
            return tensors
        return _Reader(tensors).read(json.loads(metadata[_KEY]))
    except (library.SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        problem = f"{os.fspath(path)!r} is damaged, or no safetensors file: {reason}"
        raise StateError(compose("load", problem)) from error


class _Writer:
    """Turns an object into JSON, and collects its arrays under names of their own."""

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}
        self._open: set[int] = set()  # containers that are being written

    def write(self, obj: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(obj, Tensor | np.ndarray):
            return self._array(obj.data if isinstance(obj, Tensor) else obj, path)
        if isinstance(obj, np.generic):
            obj = obj.item()
        if isinstance(obj, _SCALARS):
            return obj if not isinstance(obj, int) or isinstance(obj, bool) else int(obj)
        if isinstance(obj, float):
            return obj if np.isfinite(obj) else {"float": repr(float(obj))}
        if isinstance(obj, complex):
            return {"complex": repr(complex(obj))}
        if not isinstance(obj, Mapping | list | tuple):
            problem = f"{_spell(path)} is of type {type(obj).__name__}, which is not written"
            fix = "tensors, numbers, strings, None, and dicts, lists and tuples of them"
            raise DTypeError(compose("save", problem, fix=fix))
        if id(obj) in self._open:
            raise ArgumentError(compose("save", f"{_spell(path)} holds itself"))
        self._open.add(id(obj))
        node = self._container(obj, path)
        self._open.discard(id(obj))
        return node

    def _container(self, obj: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(obj, Mapping):
            return {"dict": [[_key(k, path), self.write(v, (*path, k))] for k, v in obj.items()]}
        items = [self.write(item, (*path, i)) for i, item in enumerate(obj)]
        return items if isinstance(obj, list) else {"tuple": items}

    def _array(self, array: Any, path: tuple[Any, ...]) -> Any:
        dtype = array.dtype
        if dtype.char not in _DTYPES and dtype.name != "bfloat16":
            problem = f"{_spell(path)} is of dtype {dtype}, which is not written"
            raise DTypeError(compose("save", problem, {"array": array}))
        name = self._name(path)
        native = np.array(array, dtype.newbyteorder("="), order="C", copy=None)
        if dtype.kind != "c":
            self.arrays[name] = native
            return {"tensor": name}
        pairs = native.reshape(-1).view(native.real.dtype)  # readers do not know complex128
        self.arrays[name] = pairs.reshape(*array.shape, 2)
        return {"tensor": name, "complex": True}

    def _name(self, path: tuple[Any, ...]) -> str:
        """The path with dots, made unique: ``{"a.b": ...}`` and ``{"a": {"b": ...}}`` differ."""
        name = ".".join(map(str, path)) if path else "tensor"
        name = name.encode("utf-8", "replace").decode("utf-8")
        unique, count = name, 1
        while unique in self.arrays or unique == "__metadata__":
            count += 1
            unique = f"{name}#{count}"
        return unique


class _Reader:
    """Makes the object again, trusting nothing that stands in the file."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        self.tensors = tensors

    def read(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.read(item) for item in node]
        if not isinstance(node, dict):
            return node
        match node:
            case {"dict": list(items), **rest} if not rest:
                return {_hashable(key): self.read(value) for key, value in items}
            case {"tuple": list(items), **rest} if not rest:
                return tuple(self.read(item) for item in items)
            case {"float": str(text), **rest} if not rest:
                return float(text)
            case {"complex": str(text), **rest} if not rest:
                return complex(text)
            case {"tensor": str(name), **rest} if not rest:
                return self.tensors[name]
            case {"tensor": str(name), "complex": True, **rest} if not rest:
                return _from_pairs(self.tensors[name])
        raise ValueError(f"its structure holds {str(node)[:60]!r}")


def _key(key: Any, path: tuple[Any, ...]) -> Any:
    """A key of a dict, which JSON must be able to hold."""
    if isinstance(key, _SCALARS) or (isinstance(key, float) and np.isfinite(key)):
        return key
    problem = f"{_spell(path)} has a key of type {type(key).__name__}, which is not written"
    raise DTypeError(compose("save", problem, {"key": key}, "strings or numbers"))


def _hashable(key: Any) -> Any:
    if isinstance(key, list | dict):
        raise ValueError(f"its structure has the key {str(key)[:60]!r}")
    return key


def _from_pairs(tensor: Tensor) -> Tensor:
    """Complex numbers from a last dimension of two."""
    pairs = tensor.data
    if pairs.dtype.char not in "fd" or pairs.shape[-1:] != (2,):
        raise ValueError(f"complex numbers are stored as {pairs.dtype}{list(pairs.shape)}")
    kind = np.complex64 if pairs.dtype.char == "f" else np.complex128
    return wrap(pairs.reshape(-1).view(kind).reshape(pairs.shape[:-1]))


def _spell(path: tuple[Any, ...]) -> str:
    """The path as it would be written in Python."""
    return "obj" + "".join(f"[{part!r}]" for part in path)


def _settle_folder(folder: str) -> None:
    """Bring the new name to the disk too, where the system can do that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _library(where: str) -> Any:
    """The package safetensors."""
    try:
        import safetensors.numpy
    except ImportError as error:
        problem = "needs the package safetensors, which is not installed"
        raise LucidError(compose(where, problem, fix="pip install 'lucid[io]'")) from error
    return safetensors
