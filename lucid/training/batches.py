"""From what a user gives as data to batches, and from a batch to inputs and target."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy as np

from ..config import SETTINGS
from ..core.tensor import Tensor, wrap
from ..data.dataset import Dataset, IterableDataset, TensorDataset, random_split
from ..data.loader import DataLoader
from ..errors import ArgumentError, DTypeError, compose, describe

_WANTED = "a DataLoader, a Dataset, a tuple of tensors or arrays, or batches that can be iterated"


def batches_of(where: str, name: str, data: Any, batch_size: int, shuffle: bool) -> Any:
    """An iterable of batches from anything that holds data.

    Tensors, arrays and datasets are cut into batches; loaders and other iterables of
    batches are taken as they are. NumPy arrays of floats are taken to the default dtype, as
    `Tensor` does.

    Raises
    ------
    DTypeError
        If it holds no data.
    ShapeError
        If tensors differ in length.
    ArgumentError
        If there is none, or the batch size is out of range.
    """
    if isinstance(data, DataLoader):
        return data
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        problem = f"batch_size must be a positive integer, not {batch_size!r}"
        raise ArgumentError(compose(where, problem))
    if isinstance(data, Tensor | np.ndarray):
        data = (data,)
    if isinstance(data, tuple | list) and data and all(map(_is_array, data)):
        data = TensorDataset(*map(as_tensor, data))
    if hasattr(data, "to_numpy"):
        problem = f"{name} is a table ({type(data).__name__}), whose columns are not told apart"
        fix = f"{name}=(table[inputs].to_numpy(), table[target].to_numpy())"
        raise DTypeError(compose(where, problem, fix=fix))
    if isinstance(data, Mapping | str | bytes):
        problem = f"{name} must be {_WANTED}, not {type(data).__name__}"
        raise DTypeError(compose(where, problem))
    listed = isinstance(data, tuple | list)
    if isinstance(data, Dataset | IterableDataset) or (_is_indexed(data) and not listed):
        return _loader(where, name, data, batch_size, shuffle)
    if not hasattr(data, "__iter__"):
        problem = f"{name} must be {_WANTED}, not {type(data).__name__}"
        call = f"{name}=iter_batches()  # call it" if callable(data) else None
        raise DTypeError(compose(where, problem, fix=call))
    return data


def split_off(where: str, data: Any, share: float) -> tuple[Any, Any]:
    """What is left of the data, and a share of its samples, always the same ones.

    Raises
    ------
    ArgumentError
        If the share is not between 0 and 1, or leaves nothing on one side.
    DTypeError
        If the data come in batches, or as a stream.
    """
    if not 0 < share < 1:
        problem = f"validation as a share must lie between 0 and 1, not {share!r}"
        raise ArgumentError(compose(where, problem))
    if isinstance(data, Tensor | np.ndarray):
        data = (data,)
    if isinstance(data, tuple | list) and data and all(map(_is_array, data)):
        data = TensorDataset(*map(as_tensor, data))
    if isinstance(data, DataLoader | tuple | list) or not _is_indexed(data):
        problem = f"no share can be split off {type(data).__name__}: its samples come in batches"
        fix = "lucid.data.random_split(dataset, [0.9, 0.1]), and a loader for each part"
        raise DTypeError(compose(where, problem, {"validation": share}, fix))
    count = round(len(data) * share)
    if not 0 < count < len(data):
        problem = f"{share:.3g} of {len(data)} samples leaves nothing on one side"
        raise ArgumentError(compose(where, problem, {"validation": share}))
    rest, held_out = random_split(data, [len(data) - count, count], generator=0)
    return rest, held_out


def _loader(where: str, name: str, data: Any, batch_size: int, shuffle: bool) -> DataLoader:
    if not _is_indexed(data):  # a stream, which cannot be shuffled from outside
        return DataLoader(data, batch_size)
    if not len(data):
        raise ArgumentError(compose(where, f"{name} is empty"))
    return DataLoader(data, batch_size, shuffle=shuffle)


def _is_array(value: Any) -> bool:
    return isinstance(value, Tensor | np.ndarray)


def _is_indexed(data: Any) -> bool:
    own = type(data)
    return all(
        getattr(own, method, None) not in (None, getattr(Dataset, method, None))
        for method in ("__getitem__", "__len__")
    )


def as_tensor(value: Any) -> Any:
    """A tensor from an array; floats take the default dtype. Other things stay as they are."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "f":
        value = value.astype(SETTINGS.default_dtype, copy=False)
    return wrap(value)


def is_spent_after_one_pass(data: Any) -> bool:
    """True for a generator, which gives its batches once."""
    return iter(data) is data if not isinstance(data, DataLoader) else False


def length(data: Any) -> int | None:
    """How many batches one pass gives; None where it does not say."""
    try:
        return len(data)
    except (TypeError, NotImplementedError):
        return None


def numbered(where: str, data: Any, place: str) -> Generator[tuple[int, Any], None, None]:
    """The batches with their numbers; an error while one is fetched says which it was."""
    number = 0
    try:
        for batch in data:
            yield number, batch
            number += 1
    except Exception as error:
        # Errors of the loop's own body do not come by here: they are raised where it stands.
        error.add_note(f"  {where}: while fetching batch {number} of {place}")
        raise


def split(where: str, batch: Any) -> tuple[tuple[Any, ...], Any]:
    """A batch's inputs, and its target: the last of its fields.

    Raises
    ------
    DTypeError
        If the batch is not a tuple or list of at least two fields.
    """
    if isinstance(batch, tuple | list) and len(batch) >= 2:
        *inputs, target = batch
        return tuple(map(as_tensor, inputs)), as_tensor(target)
    kind = (
        f"{type(batch).__name__} of {len(batch)}" if hasattr(batch, "__len__") else describe(batch)
    )
    problem = f"a batch must be inputs and a target: a tuple (input, target), not {kind}"
    fix = "a dataset of pairs; or step=, a function (model, batch) -> loss, for other batches"
    raise DTypeError(compose(where, problem, fix=fix))


def inputs_of(where: str, batch: Any, targets: bool) -> tuple[Any, ...]:
    """What of a batch the model takes, for a prediction: all fields but the target.

    Raises
    ------
    DTypeError
        If the batch is of another kind.
    """
    if isinstance(batch, Tensor | np.ndarray):
        return (as_tensor(batch),)
    if isinstance(batch, tuple | list) and batch:
        fields = tuple(map(as_tensor, batch))
        return fields[:-1] if targets and len(fields) > 1 else fields
    problem = f"a batch must be a tensor or a tuple of tensors, not {type(batch).__name__}"
    raise DTypeError(compose(where, problem))


def size_of(batch: Any) -> int:
    """How many samples a batch has: the length of the first tensor found in it."""
    if isinstance(batch, Tensor | np.ndarray):
        return len(batch) if batch.ndim else 1
    fields = batch.values() if isinstance(batch, Mapping) else batch
    if isinstance(batch, Mapping | tuple | list):
        return next((size_of(f) for f in fields if not isinstance(f, str)), 1)
    return 1


def spell(batch: Any) -> str:
    """What a batch holds, in a few words: ``(float32[32, 3], int64[32])``.

    Examples
    --------
    >>> import lucid
    >>> spell((lucid.ones(2, 3), lucid.tensor([0, 1])))
    '(float32[2, 3], int64[2])'
    """
    if isinstance(batch, Mapping):
        return "{" + ", ".join(f"{k!r}: {spell(v)}" for k, v in batch.items()) + "}"
    if isinstance(batch, tuple | list) and len(batch) <= 8:
        return "(" + ", ".join(map(spell, batch)) + ")"
    return describe(batch)


def tensors_in(batch: Any, path: str = "batch") -> Iterator[tuple[str, Tensor]]:
    """Every tensor of a batch with its place, ``batch[0]``."""
    if isinstance(batch, Tensor):
        yield path, batch
    elif isinstance(batch, np.ndarray):
        yield path, wrap(batch)
    elif isinstance(batch, Mapping | tuple | list):
        items = batch.items() if isinstance(batch, Mapping) else enumerate(batch)
        for key, value in items:
            yield from tensors_in(value, f"{path}[{key!r}]")
