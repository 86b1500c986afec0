"""Layers that learn the size of their input from the first one they see."""

from __future__ import annotations

from typing import Any

from ..errors import UnimplementedError, compose
from .module import Module
from .parameter import is_lazy


class LazyModuleMixin(Module):
    """Makes a layer wait for its first input; named before the layer's class as a base.

    The layer makes its parameters `UninitializedParameter` and its buffers `UninitializedBuffer`,
    and says in `initialize_parameters` what becomes of them. Called for the first time, it does
    so and turns into an instance of `cls_to_become`.

    A model with such layers is to be called once, or to load a state, before the optimizer is
    made that trains it.

    Attributes
    ----------
    cls_to_become : type
        The class of the finished layer.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.LazyConv1d(8, kernel_size=3)
    >>> layer
    LazyConv1d(0, 8, kernel_size=(3,), stride=(1,))
    >>> layer(lucid.ones(5, 2, 16)).shape
    (5, 8, 14)
    >>> layer
    Conv1d(2, 8, kernel_size=(3,), stride=(1,))
    """

    cls_to_become: type[Module]

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer still waits for its shape."""
        return any(is_lazy(p) for p in (*self._parameters.values(), *self._buffers.values()))

    def initialize_parameters(self, input: Any) -> None:
        """Give all parameters their shapes and initial values; every layer defines it.

        Parameters that have come from a state are to be left as they are.
        """
        problem = "the layer does not say what becomes of its parameters"
        fix = f"define initialize_parameters(self, input) within class {type(self).__name__}"
        raise UnimplementedError(compose(type(self).__name__, problem, fix=fix))

    def forward(self, input: Any, *args: Any) -> Any:
        """Initialise, become the finished layer, and do what that does."""
        self.initialize_parameters(input)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self.forward(input, *args)
