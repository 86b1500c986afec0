"""Sequences of different lengths in one tensor: padded, or packed without padding.

A packed sequence holds the first step of all sequences, then the second of those that have one,
and so on: what a recurrent layer takes step by step, and nothing else. Everything here is one
selection of rows by index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..ops.creation import full
from ..ops.joining import cat


class PackedSequence(NamedTuple):
    """Sequences of different lengths, step by step; made by `pack_padded_sequence`.

    Attributes
    ----------
    data : Tensor
        Shape ``(sum of lengths, *)``: the rows of the first step, then of the second, ...
    batch_sizes : Tensor of int64
        How many sequences have each step.
    sorted_indices : Tensor of int64 or None
        Where the sequences, the longest first, stood before they were sorted.
    unsorted_indices : Tensor of int64 or None
        Where each of them stands now.

    Examples
    --------
    >>> import lucid
    >>> packed = pack_sequence([lucid.tensor([1, 2, 3]), lucid.tensor([4])])
    >>> packed.data, packed.batch_sizes
    (Tensor([1, 4, 2, 3]), Tensor([2, 1, 1]))
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """With the data cast, as by ``Tensor.to``."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def float(self) -> Self:
        """With the data in float32."""
        return self.to(np.float32)

    def double(self) -> Self:
        """With the data in float64."""
        return self.to(np.float64)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another one.

    Parameters
    ----------
    permutation : Tensor of int, optional

    Returns
    -------
    Tensor or None

    Examples
    --------
    >>> import lucid
    >>> invert_permutation(lucid.tensor([2, 0, 1]))
    Tensor([1, 2, 0])
    """
    return None if permutation is None else wrap(np.argsort(permutation.data))


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Leave the padding of sequences away.

    Parameters
    ----------
    input : Tensor
        Shape ``(T, B, *)``, or ``(B, T, *)`` with `batch_first`.
    lengths : Tensor or sequence of int
        The length of every sequence, at least 1.
    batch_first : bool, default False
    enforce_sorted : bool, default True
        Refuse sequences that are not sorted by length, the longest first. With False they are
        sorted here, and a recurrent layer brings its results back into order.

    Returns
    -------
    PackedSequence

    Raises
    ------
    ArgumentError
        If a length is not between 1 and T, or the lengths are not sorted though they must be.
    ShapeError
        If there is not one length for each sequence.

    Examples
    --------
    >>> import lucid
    >>> padded = lucid.tensor([[1, 2, 3], [4, 0, 0]])
    >>> pack_padded_sequence(padded, [3, 1], batch_first=True).data
    Tensor([1, 4, 2, 3])
    """
    where = "pack_padded_sequence"
    counts = _lengths(where, lengths)
    if not isinstance(input, Tensor):
        problem = f"the input must be a tensor, not {type(input).__name__}"
        raise DTypeError(compose(where, problem, {"input": input}, "lucid.tensor(input)"))
    if input.ndim < 2:
        raise ShapeError(compose(where, "the input must be (T, B, *)", {"input": input}))
    batch, steps = input.shape[:2] if batch_first else input.shape[1::-1]
    if counts.shape != (batch,):
        problem = f"needs one length for each of the {batch} sequences"
        fix = "batch_first=True" if counts.shape == (steps,) and not batch_first else None
        raise ShapeError(compose(where, problem, {"input": input, "lengths": lengths}, fix))
    if not batch or counts.min() < 1 or counts.max() > steps:
        problem = f"every length must lie between 1 and the number of steps, {steps}"
        raise ArgumentError(compose(where, problem, {"input": input, "lengths": lengths}))
    order = None
    if not enforce_sorted:
        order = np.argsort(-counts, kind="stable")
        counts = counts[order]
    elif (counts[1:] > counts[:-1]).any():
        problem = "the sequences must be sorted by length, the longest first"
        raise ArgumentError(compose(where, problem, {"lengths": lengths}, "enforce_sorted=False"))
    step, place = np.nonzero(np.arange(counts[0])[:, None] < counts)
    sequence = place if order is None else order[place]
    index = sequence * steps + step if batch_first else step * batch + sequence
    rows = input.reshape(steps * batch, *input.shape[2:])
    sizes = wrap(np.bincount(step).astype(np.int64))
    sorted_indices = None if order is None else wrap(order.astype(np.int64))
    unsorted = invert_permutation(sorted_indices)
    return PackedSequence(rows[wrap(index)], sizes, sorted_indices, unsorted)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Pad what is packed: the inverse of `pack_padded_sequence`.

    Parameters
    ----------
    sequence : PackedSequence
    batch_first : bool, default False
        Give ``(B, T, *)`` rather than ``(T, B, *)``.
    padding_value : float, default 0
    total_length : int, optional
        The number of steps; that of the longest sequence unless given.

    Returns
    -------
    tuple of Tensor
        The padded sequences in their first order, and their lengths.

    Raises
    ------
    ArgumentError
        If `total_length` is less than the longest sequence.

    Examples
    --------
    >>> import lucid
    >>> packed = pack_sequence([lucid.tensor([1, 2, 3]), lucid.tensor([4])])
    >>> pad_packed_sequence(packed, batch_first=True)
    (Tensor([[1, 2, 3],
            [4, 0, 0]]), Tensor([3, 1]))
    """
    sizes = sequence.batch_sizes.data
    steps = len(sizes) if total_length is None else total_length
    if steps < len(sizes):
        problem = f"total_length must be at least the longest length, {len(sizes)}"
        raise ArgumentError(compose("pad_packed_sequence", problem, {"total_length": steps}))
    place = np.arange(sizes[0])
    present = place < sizes[:, None]
    index = np.full((steps, len(place)), len(sequence.data), np.int64)
    index[: len(sizes)][present] = np.arange(len(sequence.data))
    lengths = present.sum(0)
    if sequence.unsorted_indices is not None:
        order = sequence.unsorted_indices.data
        index, lengths = index[:, order], lengths[order]
    rows = _picked(sequence.data, index.T if batch_first else index, padding_value)
    return rows, wrap(lengths.astype(np.int64))


def pad_sequence(
    sequences: Tensor | Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences of different lengths side by side, padded to the longest.

    Parameters
    ----------
    sequences : sequence of Tensor
        Each of shape ``(length, *)``.
    batch_first : bool, default False
        Give ``(B, T, *)`` rather than ``(T, B, *)``.
    padding_value : float, default 0
    padding_side : {"right", "left"}

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If there are no sequences, or the side is another word.
    ShapeError
        If they differ in more than their length.

    Examples
    --------
    >>> import lucid
    >>> pad_sequence([lucid.tensor([1, 2]), lucid.tensor([3])], batch_first=True)
    Tensor([[1, 2],
            [3, 0]])
    """
    where = "pad_sequence"
    if padding_side not in ("right", "left"):
        problem = "padding_side must be 'right' or 'left'"
        raise ArgumentError(compose(where, problem, {"padding_side": padding_side}))
    parts = _sequences(where, sequences)
    counts = np.array([len(part) for part in parts])
    steps, end = int(counts.max()), np.cumsum(counts)
    step = np.arange(steps)[:, None] - (0 if padding_side == "right" else steps - counts)
    index = np.where((step >= 0) & (step < counts), step + (end - counts), end[-1])
    return _picked(cat(parts), index.T if batch_first else index, padding_value)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences of different lengths.

    Parameters
    ----------
    sequences : sequence of Tensor
        Each of shape ``(length, *)``, the longest first unless `enforce_sorted` is False.
    enforce_sorted : bool, default True

    Returns
    -------
    PackedSequence

    Raises
    ------
    ArgumentError
        If there are no sequences, one is empty, or they are not sorted though they must be.
    ShapeError
        If they differ in more than their length.

    Examples
    --------
    >>> import lucid
    >>> pack_sequence([lucid.tensor([1, 2]), lucid.tensor([3])]).batch_sizes
    Tensor([2, 1])
    """
    parts = _sequences("pack_sequence", sequences)
    lengths = [len(part) for part in parts]
    return pack_padded_sequence(pad_sequence(parts), lengths, enforce_sorted=enforce_sorted)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Any, batch_first: bool = False
) -> list[Tensor]:
    """The sequences that were padded: the inverse of `pad_sequence`.

    Parameters
    ----------
    padded_sequences : Tensor
        Shape ``(T, B, *)``, or ``(B, T, *)`` with `batch_first`.
    lengths : Tensor or sequence of int
    batch_first : bool, default False

    Returns
    -------
    list of Tensor

    Raises
    ------
    ShapeError
        If there is not one length for each sequence.

    Examples
    --------
    >>> import lucid
    >>> unpad_sequence(lucid.tensor([[1, 3], [2, 0]]), [2, 1])
    [Tensor([1, 2]), Tensor([3])]
    """
    counts = _lengths("unpad_sequence", lengths)
    by_sequence = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    if counts.shape != (len(by_sequence),):
        problem = f"needs one length for each of the {len(by_sequence)} sequences"
        seen = {"padded_sequences": padded_sequences, "lengths": lengths}
        raise ShapeError(compose("unpad_sequence", problem, seen))
    return [by_sequence[i, :count] for i, count in enumerate(counts.tolist())]


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed: the inverse of `pack_sequence`.

    Parameters
    ----------
    packed_sequences : PackedSequence

    Returns
    -------
    list of Tensor

    Examples
    --------
    >>> import lucid
    >>> unpack_sequence(pack_sequence([lucid.tensor([1, 2]), lucid.tensor([3])]))
    [Tensor([1, 2]), Tensor([3])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _picked(rows: Tensor, index: Any, padding: float) -> Tensor:
    """Rows by index; the index just beyond the last one is that of the padding."""
    if index.size and index.max() == len(rows):
        rows = cat([rows, full((1, *rows.shape[1:]), padding, dtype=rows.dtype)])
    return rows[wrap(np.ascontiguousarray(index))]


def _lengths(where: str, lengths: Any) -> Any:
    """Lengths as an array of integers."""
    counts = np.asarray(lengths.data if isinstance(lengths, Tensor) else lengths)
    if counts.size and counts.dtype.kind not in "iu":
        raise DTypeError(compose(where, "lengths must be integers", {"lengths": lengths}))
    return counts.astype(np.int64)


def _sequences(where: str, sequences: Any) -> list[Tensor]:
    """Sequences that fit each other."""
    parts = list(sequences)
    if not parts:
        raise ArgumentError(compose(where, "needs at least one sequence"))
    for i, part in enumerate(parts):
        if not isinstance(part, Tensor):
            problem = f"takes tensors, but number {i} is none"
            raise DTypeError(compose(where, problem, {f"sequences[{i}]": part}))
        if part.ndim < 1 or part.shape[1:] != parts[0].shape[1:]:
            problem = "the sequences must be (length, *) and differ in their length alone"
            raise ShapeError(compose(where, problem, {"sequences[0]": parts[0], f"[{i}]": part}))
    return parts
