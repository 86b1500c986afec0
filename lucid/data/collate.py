"""Collating: from the samples of a batch to one tensor for each of their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor, to_array, wrap
from ..errors import ArgumentError, DTypeError, ShapeError, compose, describe
from ..ops.joining import stack


def default_collate(batch: Sequence[Any]) -> Any:
    """Stack samples along a new first dimension, field by field.

    Tensors, arrays and numbers become tensors; dicts, tuples, lists and named tuples keep
    their kind, with each field collated; strings and bytes stay a list.

    Parameters
    ----------
    batch : sequence
        The samples, all of one structure.

    Returns
    -------
    object
        As one sample, with batched fields. Unlike PyTorch, Python floats take the default
        dtype, and tuples stay tuples.

    Raises
    ------
    ShapeError
        If a field's shapes differ; the message names field, samples and shapes.
    DTypeError
        If a field is of a type that cannot be collated, or of several.
    ArgumentError
        If the batch is empty, or structures differ.

    Examples
    --------
    >>> from lucid.data import default_collate
    >>> default_collate([{"x": 1.0, "name": "a"}, {"x": 2.0, "name": "b"}])
    {'x': Tensor([1.0000, 2.0000]), 'name': ['a', 'b']}
    """
    samples = list(batch)
    if not samples:
        raise ArgumentError(compose("default_collate", "the batch is empty"))
    return _collate(samples, "sample")


def default_convert(data: Any) -> Any:
    """Turn the arrays in a sample into tensors, which share their memory.

    Parameters
    ----------
    data : object
        Arrays, in dicts, lists and tuples of any depth; everything else stays as it is.

    Returns
    -------
    object

    Examples
    --------
    >>> import numpy as np
    >>> from lucid.data import default_convert
    >>> default_convert({"x": np.arange(3), "name": "a"})
    {'x': Tensor([0, 1, 2]), 'name': 'a'}
    """
    if isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
        return wrap(array) if array.dtype.kind in "biufc" else data
    if isinstance(data, Mapping):
        return {key: default_convert(value) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, tuple | list):
        return type(data)(map(default_convert, data))
    return data


def _collate(samples: list[Any], field: str) -> Any:
    first = samples[0]
    if isinstance(first, Tensor):
        return _stacked(samples, field)
    if isinstance(first, np.ndarray | np.generic):
        _same_type(samples, field, np.ndarray | np.generic)
        return _stacked([wrap(np.asarray(sample)) for sample in samples], field)
    if isinstance(first, str | bytes):
        return samples
    if isinstance(first, bool | int | float | complex):
        _same_type(samples, field, bool | int | float | complex)
        return wrap(to_array(samples, None, "default_collate"))
    if isinstance(first, Mapping):
        return _mapping(samples, field)
    if isinstance(first, tuple | list):
        return _sequence(samples, field)
    problem = f"{field} is of type {type(first).__name__}, which cannot be collated"
    fix = "return tensors, arrays, numbers, strings, or pass collate_fn"
    raise DTypeError(compose("default_collate", problem, fix=fix))


def _stacked(samples: list[Any], field: str) -> Tensor:
    _same_type(samples, field, Tensor)
    shape = samples[0].shape
    for i, sample in enumerate(samples):
        if sample.shape != shape:
            problem = f"{field} has different shapes within the batch"
            seen = {"sample 0": samples[0], f"sample {i}": sample}
            fix = "pad or crop in the dataset, or pass collate_fn"
            raise ShapeError(compose("default_collate", problem, seen, fix))
    return stack(samples)


def _mapping(samples: list[Any], field: str) -> Any:
    _same_type(samples, field, Mapping)
    keys = samples[0].keys()
    for i, sample in enumerate(samples):
        if sample.keys() != keys:
            problem = f"{field} has different keys within the batch"
            seen = {"sample 0": list(keys), f"sample {i}": list(sample)}
            raise ArgumentError(compose("default_collate", problem, seen))
    return {key: _collate([sample[key] for sample in samples], f"{field}[{key!r}]") for key in keys}


def _sequence(samples: list[Any], field: str) -> Any:
    _same_type(samples, field, tuple | list)
    first = samples[0]
    for i, sample in enumerate(samples):
        if len(sample) != len(first):
            problem = f"{field} has different lengths within the batch"
            seen = {"sample 0": len(first), f"sample {i}": len(sample)}
            raise ArgumentError(compose("default_collate", problem, seen))
    names = getattr(first, "_fields", None)
    labels = [f".{name}" for name in names] if names else [f"[{i}]" for i in range(len(first))]
    columns = zip(*samples, strict=True)
    done = [
        _collate(list(column), field + label) for column, label in zip(columns, labels, strict=True)
    ]
    if names:
        return type(first)(*done)
    return tuple(done) if isinstance(first, tuple) else done


def _same_type(samples: list[Any], field: str, kind: Any) -> None:
    for i, sample in enumerate(samples):
        if not isinstance(sample, kind):
            problem = f"{field} has different types within the batch"
            seen = {"sample 0": type(samples[0]), f"sample {i}": describe(sample)}
            raise DTypeError(compose("default_collate", problem, seen))
