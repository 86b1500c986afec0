"""`Case`: one primitive on one of its samples, run and differentiated in every way there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ..autograd.gradient import grad
from ..config import SETTINGS
from ..core.apply import apply
from ..core.primitive import Primitive
from ..core.tensor import wrap
from ..dtypes import is_differentiable
from ..kernels import jit
from ..samples import Draw, Sample

WAYS = ("fused", "plain", "recorded")


class Case:
    """A primitive and one sample of its inputs.

    Parameters
    ----------
    prim : Primitive
    sample : Sample
    label : str
        Name for error messages.

    Attributes
    ----------
    prim : Primitive
    inputs : tuple
        Arrays and Python scalars.
    static : dict
    through : callable or None
        See `Sample`.
    label : str

    Examples
    --------
    >>> import lucid
    >>> from lucid.core.primitive import REGISTRY
    >>> case = cases(REGISTRY["tanh"])[0]
    >>> [out.shape for out in case.forward()]
    [(3, 4)]
    """

    def __init__(self, prim: Primitive, sample: Sample, label: str) -> None:
        self.prim, self.label = prim, label
        self.inputs, self.static, self.through = tuple(sample.inputs), sample.static, sample.through

    def with_inputs(self, inputs: Sequence[Any]) -> Case:
        """The same call on other inputs."""
        return Case(self.prim, Sample(tuple(inputs), self.static, self.through), self.label)

    def astype(self, dtype: Any) -> Case:
        """The same call with every float64 input cast, and complex128 ones accordingly."""
        return self.with_inputs(
            [
                x.astype(narrowed(x.dtype, dtype)) if isinstance(x, np.ndarray) else x
                for x in self.inputs
            ]
        )

    @property
    def places(self) -> list[int]:
        """Positions of the inputs that can have a gradient."""
        if self.prim.vjp is None:
            return []
        arrays = [(i, x) for i, x in enumerate(self.inputs) if isinstance(x, np.ndarray)]
        return [i for i, x in arrays if is_differentiable(x.dtype)]

    def named(self, name: str) -> list[int]:
        """Positions of the arrays that the forward knows by a name; a variadic one has many."""
        names, last = self.prim.input_names, len(self.prim.input_names) - 1
        arrays = [i for i, x in enumerate(self.inputs) if isinstance(x, np.ndarray)]
        return [i for i in arrays if names[min(i, last)] == name]

    def forward(self) -> tuple[Any, ...]:
        """The outputs on bare arrays, always a tuple."""
        return tupled(self.call(*self.inputs))

    def weights(self, seed: int = 7) -> list[Any]:
        """A random gradient for every output, None where there can be none."""
        rng = np.random.default_rng(seed)
        weights: list[Any] = []
        for out in self.forward():
            weight = rng.uniform(0.5, 1.5, out.shape)
            if out.dtype.kind == "c":
                weight = weight + 1j * rng.uniform(0.5, 1.5, out.shape)
            live = is_differentiable(out.dtype)
            weights.append(np.asarray(weight).astype(out.dtype) if live else None)
        return weights

    def call(self, *inputs: Any) -> Any:
        """Apply the primitive to tensors or arrays, as the sample says."""
        op = partial(apply, self.prim, **self.static)
        return op(*inputs) if self.through is None else self.through(op, *inputs)

    def leaves(self, places: Sequence[int]) -> list[Any]:
        """The inputs, those at `places` as tensors that require gradients; nothing is copied."""
        leaves = list(self.inputs)
        for place in places:
            leaves[place] = wrap(leaves[place])
            leaves[place].requires_grad = True
        return leaves

    def gradients(self, way: str, places: Sequence[int], weights: Sequence[Any]) -> list[Any]:
        """The gradients at `places` as arrays (None: no gradient), by one of `WAYS`.

        ``"fused"`` is what `backward` does, ``"plain"`` the plain rule on arrays where there
        is a fused one, and ``"recorded"`` the plain rule on tensors.
        """
        if not places:
            return []
        leaves = self.leaves(places)
        with rules(self.prim, fused=way == "fused"):
            pairs = zip(tupled(self.call(*leaves)), weights, strict=True)
            live = [(out, wrap(weight)) for out, weight in pairs if out.requires_grad]
            if not live:
                return [None] * len(places)
            outs, entering = [out for out, _ in live], [weight for _, weight in live]
            sources, record = [leaves[place] for place in places], way == "recorded"
            found = grad(outs, sources, entering, create_graph=record, allow_unused=True)
        return [None if gradient is None else gradient.data for gradient in found]


def cases(prim: Primitive, seed: int = 0, dtype: Any = np.float64) -> list[Case]:
    """All samples of a primitive.

    Parameters
    ----------
    prim : Primitive
    seed : int, default 0
        Fixes the random inputs.
    dtype : dtype, default float64
        What they are drawn in. With complex128, the samples without complex inputs are left out.

    Raises
    ------
    AssertionError
        If there are none.

    Examples
    --------
    >>> import lucid
    >>> from lucid.core.primitive import REGISTRY
    >>> [case.label for case in cases(REGISTRY["tanh"])][:2]
    ['tanh, sample 0', 'tanh, sample 1']
    """
    dtype = np.dtype(dtype)
    samples = prim.samples(Draw(seed, dtype)) if prim.samples is not None else []
    if dtype.kind == "c":
        samples = [sample for sample in samples if any(map(np.iscomplexobj, sample.inputs))]
    if not samples:
        raise AssertionError(f"{prim.name}: declares no samples in {dtype}, so nothing checks it")
    return [Case(prim, sample, f"{prim.name}, sample {i}") for i, sample in enumerate(samples)]


def narrowed(wide: Any, dtype: Any) -> Any:
    """What becomes of a dtype where float64 becomes another one.

    Examples
    --------
    >>> narrowed(np.dtype("complex128"), "float32")
    dtype('complex64')
    """
    narrow = {"d": np.dtype(dtype), "D": np.result_type(dtype, np.complex64)}
    return narrow.get(wide.char, wide)


def tupled(outs: Any) -> tuple[Any, ...]:
    """One output or several, as a tuple."""
    return outs if isinstance(outs, tuple) else (outs,)


@contextmanager
def rules(prim: Primitive, fused: bool) -> Iterator[None]:
    """Differentiate a primitive by its plain rule for a while."""
    before = prim.fused_vjp
    prim.fused_vjp = before if fused else None
    try:
        yield
    finally:
        prim.fused_vjp = before


@contextmanager
def kernels(on: bool) -> Iterator[None]:
    """For a while, run on Numba's kernels where they can be had, or on the NumPy references."""
    policy = jit.policy
    before = policy.on, policy.settled
    jit.settle(on and SETTINGS.jit != "0")
    try:
        yield
    finally:
        policy.on, policy.settled = before


def copied(x: Any) -> Any:
    """A copy of an array or of the arrays in a tuple; anything else as it is."""
    if isinstance(x, tuple):
        return tuple(map(copied, x))
    return x.copy() if isinstance(x, np.ndarray) else x
