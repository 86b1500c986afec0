"""`watch`: what the layers of a model do while it trains."""

from __future__ import annotations

import importlib
import math
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, compose
from ..nn.module import Module
from ..optim.hooks import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from .layer_views import as_html, as_text, draw
from .moments import Moments, silent_units
from .remarks import DEAD_AFTER, remarks


class Layer(NamedTuple):
    """What is known of a layer at a step.

    Attributes
    ----------
    name : str
        Its path; the model itself goes by the name of its class.
    kind : str
        Its class.
    output : Moments or None
        Of its output, at its last call; None if it has not run.
    gradient : Moments or None
        Of the gradients of its own parameters, taken together; None without any.
    update : float or None
        How far the last step has moved its parameters, over how large they were:
        :math:`\\lVert \\Delta w \\rVert / \\lVert w \\rVert`.
    dead_units, units : int
        How many of its units have given nothing but zeros for long, and how many it has.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> with lucid.debug.watch(model) as layers:
    ...     y = model(lucid.ones(4, 2))
    >>> layers["1"].kind, layers["1"].output.size, layers["1"].units
    ('ReLU', 12, 3)
    """

    name: str
    kind: str
    output: Moments | None
    gradient: Moments | None
    update: float | None
    dead_units: int
    units: int


class _Measured:
    """A layer that is being watched, and what was last measured of it."""

    def __init__(self, name: str, module: Module, taken: set[int]) -> None:
        self.name, self.module = name, module
        own = module._parameters.values()
        self.parameters = [p for p in own if p is not None and id(p) not in taken]
        taken.update(map(id, self.parameters))
        self.ran = False
        self.output: Moments | None = None
        self.gradients: dict[int, Moments] = {}
        self.update: float | None = None
        self.zeros_in_a_row: Any = np.zeros(0)

    def see_output(self, values: Any) -> None:
        self.output = Moments.of(values)
        if values.ndim < 2:
            return
        silent = silent_units(values)
        if silent.shape != self.zeros_in_a_row.shape:
            self.zeros_in_a_row = np.zeros(silent.shape, int)
        each = values.size // max(1, silent.size)
        self.zeros_in_a_row = np.where(silent, self.zeros_in_a_row + each, 0)

    def layer(self) -> Layer:
        gradient = sum(self.gradients.values(), Moments()) if self.gradients else None
        dead = int((self.zeros_in_a_row >= DEAD_AFTER).sum())
        kind, units = type(self.module).__name__, self.zeros_in_a_row.size
        return Layer(self.name, kind, self.output, gradient, self.update, dead, units)


class Watch:
    """The statistics of a model's layers; `watch` makes it.

    It prints as a table, in a notebook too. ``watched["encoder.0"]`` is one layer.

    Parameters
    ----------
    model : Module
    every : int
        Measure at every such step.
    show_every : int or None
        Show the table after every such step.
    stream : file or None
        Where to; standard error by default.

    Attributes
    ----------
    step : int
        How many updates of the model there were.
    history : dict of int to tuple of Layer
        For each step that was measured all layers, for `plot`.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> watched = lucid.debug.watch(nn.Linear(2, 1))
    >>> type(watched).__name__, watched.step
    ('Watch', 0)
    >>> watched.remove()
    """

    def __init__(self, model: Module, every: int, show_every: int | None, stream: Any) -> None:
        self.step = 0
        self.history: dict[int, tuple[Layer, ...]] = {}
        self._every, self._show_every, self._stream = every, show_every, stream
        taken: set[int] = set()
        self._layers = [
            _Measured(name or type(model).__name__, module, taken)
            for name, module in model.named_modules()
            if not module._modules or any(p is not None for p in module._parameters.values())
        ]
        self._order: list[_Measured] = []  # as they ran
        self._before: dict[int, Any] = {}  # weights, during a step
        self._lines = 0  # of the table that was shown last
        self._display: Any = None
        self._handles = [*self._attach()]

    # ---- hooks ------------------------------------------------------------------------

    def _attach(self) -> Iterator[Any]:
        for measured in self._layers:
            yield measured.module.register_forward_hook(self._seeing_output(measured))
            for parameter in measured.parameters:
                if parameter.requires_grad and parameter.is_leaf:
                    hook = self._seeing_gradient(measured)
                    yield parameter.register_post_accumulate_grad_hook(hook)
        yield register_optimizer_step_pre_hook(self._before_step)
        yield register_optimizer_step_post_hook(self._after_step)

    @property
    def _due(self) -> bool:
        return self.step % self._every == 0

    def _seeing_output(self, measured: _Measured) -> Any:
        def hook(module: Module, args: Any, output: Any) -> None:
            if not measured.ran:
                measured.ran = True
                self._order.append(measured)
            first = output[0] if isinstance(output, tuple | list) and output else output
            if self._due and isinstance(first, Tensor) and first._data.size:
                measured.see_output(first._data)

        return hook

    def _seeing_gradient(self, measured: _Measured) -> Any:
        def hook(parameter: Any) -> None:
            if self._due and parameter._grad is not None:
                measured.gradients[id(parameter)] = Moments.of(parameter._grad._data)

        return hook

    def _updated(self, optimizer: Any) -> list[_Measured]:
        """The layers of which an optimizer has parameters."""
        updated = {id(p) for group in optimizer.param_groups for p in group["params"]}
        return [m for m in self._layers if any(id(p) in updated for p in m.parameters)]

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self._due:
            for measured in self._updated(optimizer):
                for parameter in measured.parameters:
                    self._before[id(parameter)] = parameter._data.copy()

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        updated = self._updated(optimizer)
        if not updated:
            return
        due, self.step = self._due, self.step + 1
        if due:
            for measured in updated:
                measured.update = self._change(measured)
            self._before.clear()
            self.history[self.step] = self.layers
        if self._show_every is not None and self.step % self._show_every == 0:
            self.show()

    def _change(self, measured: _Measured) -> float | None:
        """How far a step has moved the parameters of a layer, over how large they were."""
        moved = size = 0.0
        for parameter in measured.parameters:
            before = self._before.get(id(parameter))
            if before is None:
                continue
            moved += Moments.of(parameter._data - before).squares
            size += Moments.of(before).squares
        return math.sqrt(moved / size) if size > 0 else None

    def remove(self) -> None:
        """Stop watching; the model is as it was before. What was measured is kept."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        for measured in self._layers:
            hooks = measured.module._hooks
            if hooks is not None and _is_empty(hooks):  # else dense layers would not be fused
                del measured.module.__dict__["_hooks"]
            for parameter in measured.parameters:
                extras = getattr(parameter._node, "extras", None)
                if extras is not None and _is_empty(extras):
                    parameter._node.extras = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()

    # ---- looking at it ----------------------------------------------------------------

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers that have run, in the order in which they ran first."""
        return tuple(measured.layer() for measured in self._order)

    @property
    def remarks(self) -> list[str]:
        """What is noteworthy, in words: dead units, vanishing and exploding layers."""
        return remarks(self.layers)

    def __getitem__(self, name: str) -> Layer:
        """One layer, by its path.

        Raises
        ------
        ArgumentError
            If no layer has it.
        """
        for measured in self._layers:
            if measured.name == name:
                return measured.layer()
        names = [measured.name for measured in self._layers]
        problem = f"there is no layer {name!r}"
        raise ArgumentError(compose("watch", problem, fix=f"one of {names}"))

    def __repr__(self) -> str:
        if not self._order:
            return "Watch of a model that has not run"
        return as_text(self.step, self.layers, self.remarks)

    def _repr_html_(self) -> str:
        return as_html(self.step, self.layers, self.remarks)

    def show(self) -> None:
        """Print the table, over the one printed before where the stream is a terminal.

        In a notebook it is displayed, and later brought up to date in its place.
        """
        stream = self._stream if self._stream is not None else sys.stderr
        if self._stream is None and "ipykernel" in sys.modules:
            self._show_in_notebook()
            return
        text = repr(self)
        terminal = getattr(stream, "isatty", bool)()
        above = f"\x1b[{self._lines}A\x1b[J" if terminal and self._lines else ""
        print(above + text, file=stream, flush=True)
        self._lines = text.count("\n") + 1

    def _show_in_notebook(self) -> None:
        if self._display is None:
            notebook = importlib.import_module("IPython.display")  # there: its kernel is running
            self._display = notebook.display(self, display_id=True)
        else:
            self._display.update(self)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw what was measured over the steps: outputs, zeros, gradients, updates.

        Layers go from dark, the first, to bright. Where updates are a thousandth of the
        weights, they are of a usual size.

        Parameters
        ----------
        path : str or path, optional
            A file to write the figure to.

        Returns
        -------
        matplotlib.figure.Figure
            It needs no display.

        Raises
        ------
        ArgumentError
            If there was no step.
        MissingPackageError
            If matplotlib is not installed.
        """
        return draw(self.history, path)


def _is_empty(hooks: Any) -> bool:
    return not any(getattr(hooks, name) for name in hooks.__slots__)


def watch(
    model: Module, *, every: int = 1, show_every: int | None = None, stream: Any = None
) -> Watch:
    r"""Watch what the layers of a model do: their outputs, gradients and updates.

    Of each layer's output, and of the gradients of its parameters: mean, standard deviation,
    the share of zeros and of what is not finite; and how far a step moves its weights,
    :math:`\lVert \Delta w \rVert / \lVert w \rVert`, which is about a thousandth where all is
    well. Dead units, and layers whose outputs or gradients vanish or explode, are pointed out
    in words. The numbers of the training run stay the same.

    Parameters
    ----------
    model : Module
    every : int, default 1
        Measure at every such step of an optimizer; the others cost hardly anything.
    show_every : int, optional
        Show the table after every such step.
    stream : file, optional
        Where to; standard error by default, and in a notebook the cell.

    Returns
    -------
    Watch
        A context manager; `remove` ends it as well. It prints as a table, has a `plot`, and
        its `remarks` are a list.

    Raises
    ------
    DTypeError
        If `model` is no module.
    ArgumentError
        If `every` or `show_every` is not a positive whole number.

    Notes
    -----
    A layer is a module without submodules, or with parameters of its own. Of one that runs
    several times in a step the last call counts, of gradients that are accumulated the sum.
    Dense layers that a `Sequential` would run as one op run one by one while they are watched,
    as with any hook; the gradients of their biases are then summed in another order, and may
    differ in the last bit. All else is the same bit by bit.

    Examples
    --------
    >>> import lucid
    >>> from lucid import nn
    >>> _ = lucid.manual_seed(0)
    >>> model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    >>> optimizer = lucid.optim.SGD(model.parameters(), lr=0.01)
    >>> with lucid.debug.watch(model) as layers:
    ...     model(lucid.randn(8, 2)).square().mean().backward()
    ...     optimizer.step()
    >>> [layer.name for layer in layers.layers], layers.remarks
    (['0', '1', '2'], [])
    >>> 0 < layers["2"].update < 0.1
    True
    """
    if not isinstance(model, Module):
        problem = f"takes an nn.Module, not {type(model).__name__}"
        raise DTypeError(compose("watch", problem, {"model": model}))
    for name, value in (("every", every), ("show_every", show_every)):
        if value is None and name == "show_every":
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            problem = f"{name} must be a positive whole number"
            raise ArgumentError(compose("watch", problem, {name: value}))
    return Watch(model, every, show_every, stream)
