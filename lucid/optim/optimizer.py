"""`Optimizer`: parameter groups, state, and the loop that every optimizer shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar

import numpy as np

from ..config import LOCAL
from ..core import versions
from ..core.tensor import Tensor
from ..errors import ArgumentError, GradError, ShapeError, compose
from ..kernels.optim import MatrixRule, Rule
from . import execution, groups, hooks, state_dict
from .plan import Plan
from .slot import Slot
from .state_view import StateView


class Optimizer(hooks.Hooked):
    """Base of the optimizers.

    A subclass names its `rule` (a pure update of flat arrays, in `lucid.kernels.optim`) and
    says how it is fed: `names` and `hyper`, both from a group's options, and `check`, which
    refuses bad ones. What begins with another value than zero is given by `initial`, and
    numbers that are remembered beside the arrays by `scalars`, `start` and `pace`.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        The leaf tensors to optimize; ``model.parameters()``, or ``model.named_parameters()``
        for errors that name them. Dicts make groups: ``{"params": ..., "lr": 0.01}`` overrides
        the options it names.
    defaults : dict
        The options of groups that do not set them.
    check_finite : bool, default False
        Before anything is updated, refuse gradients that are NaN or infinite, and such a loss
        from the closure.

    Attributes
    ----------
    param_groups : list of dict
        Options may be changed between steps (``group["lr"] = 0.01``); the tuple
        ``group["params"]`` is only read.

    Raises
    ------
    ArgumentError
        If there are no parameters, one of them is no leaf or there twice, or an option is bad.
    DTypeError
        If a parameter is no floating or complex tensor.

    Examples
    --------
    >>> import lucid
    >>> weight = lucid.tensor([3.0], requires_grad=True)
    >>> optimizer = lucid.optim.SGD([weight], lr=0.1)
    >>> (weight * weight).sum().backward()
    >>> optimizer.step()
    >>> weight.detach()
    Tensor([2.4000])
    """

    rule: ClassVar[Rule | MatrixRule]
    slot: ClassVar[type[Slot]] = Slot
    counts: ClassVar[bool] = True  # whether "step" is part of the state
    scalars: ClassVar[tuple[str, ...]] = ()  # numbers remembered of each parameter, by name

    def __init__(
        self, params: Any, defaults: Mapping[str, Any], check_finite: bool = False
    ) -> None:
        self.defaults = dict(defaults)
        self.check_finite = check_finite
        self.param_groups: list[dict[str, Any]] = []
        self._plans: list[Plan] = []
        self._state_view: StateView | None = None
        for group in groups.split(type(self).__name__, params):
            self.add_param_group(group)

    # ---- what a subclass says ---------------------------------------------------------

    def check(self, group: dict[str, Any]) -> None:
        """Refuse bad options of a group."""
        raise NotImplementedError

    def names(self, group: dict[str, Any]) -> tuple[str, ...]:
        """What is remembered of a parameter, in the order of the rule's state."""
        raise NotImplementedError

    def hyper(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        """The rule's hyperparameters in the update number `step`, counted from 1."""
        raise NotImplementedError

    def initial(self, group: dict[str, Any]) -> dict[str, float]:
        """What fresh state is filled with, by name, where that is not zero."""
        return {}

    def start(self, group: dict[str, Any]) -> tuple[float, ...]:
        """The `scalars` before the first update."""
        return ()

    def pace(
        self, group: dict[str, Any], step: int, scalars: tuple[float, ...]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The rule's hyperparameters, and the scalars after this update."""
        return self.hyper(group, step), scalars

    # ---- groups -----------------------------------------------------------------------

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Optimize further parameters, with options of their own where they are given.

        Parameters
        ----------
        param_group : dict
            ``"params"``, and any options.

        Raises
        ------
        ArgumentError
            As for a new optimizer.
        DTypeError
            If a parameter is no floating or complex tensor.

        Examples
        --------
        >>> import lucid
        >>> w, b = (lucid.Tensor([1.0], requires_grad=True) for _ in range(2))
        >>> optimizer = lucid.optim.SGD([w], lr=0.1)
        >>> optimizer.add_param_group({"params": [b], "lr": 0.2})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.2]
        """
        where = type(self).__name__
        taken = [p for group in self.param_groups for p in group["params"]]
        index = len(self.param_groups)
        group, labels = groups.complete(where, param_group, self.defaults, taken, index)
        execution.check(where, group)
        self.check(group)
        slots = [self.slot(p, label) for p, label in zip(group["params"], labels, strict=True)]
        self.param_groups.append(group)
        self._plans.append(Plan(slots, group["params"]))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none : bool, default True
            Set them to None; False fills them with zeros in place.
        """
        for plan in self._plans:
            for parameter in plan.parameters:
                if set_to_none:
                    parameter._grad = None
                elif parameter.grad is not None:
                    grad = parameter.grad = parameter.grad.detach()
                    grad.data.fill(0)
                    versions.bump(grad.data)

    # ---- the step ---------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Called first, with gradients enabled: computes the loss, runs `backward`, and
            returns the loss.

        Returns
        -------
        object
            What the closure returned, or None.

        Raises
        ------
        GradError
            With `check_finite`, if a gradient or the closure's loss is NaN or infinite.
        ShapeError
            If a gradient has another shape than its parameter.

        Notes
        -----
        When an error is raised, no parameter and no state has been changed.

        Examples
        --------
        >>> import lucid
        >>> w = lucid.Tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = lucid.optim.SGD([w], lr=0.1)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> print(w.detach())
        [0.8000, 1.6000]
        """
        hooked = self._hooks is not None or hooks.BEFORE_ALL or hooks.AFTER_ALL
        if hooked:
            closure = hooks.before_step(self, closure)
        loss = None if closure is None else self._evaluate(closure)
        ready = []
        for group, plan in zip(self.param_groups, self._plans):  # noqa: B905  (strict costs)
            ready.append((plan, *self._prepare(group, plan)))
        for plan, gradients, hyper in ready:
            plan.update(self.rule, gradients, hyper)
        if hooked:
            hooks.after_step(self, closure)
        return loss

    def _evaluate(self, closure: Callable[[], Any]) -> Any:
        """The closure's loss, computed with gradients enabled."""
        state = LOCAL.state
        before, state.grad_enabled = state.grad_enabled, True
        try:
            loss = closure()
        finally:
            state.grad_enabled = before
        if self.check_finite and loss is not None:
            value = loss.data if isinstance(loss, Tensor) else loss
            if not np.isfinite(value).all():
                where = f"{type(self).__name__}.step"
                problem = f"the loss is not finite ({value}); nothing was updated"
                fix = "a smaller learning rate, or clip_grad_norm_; look for log(0) and 0/0"
                raise GradError(compose(where, problem, fix=fix))
        return loss

    def _prepare(self, group: dict[str, Any], plan: Plan) -> tuple[list[Any], Any]:
        """Each parameter's gradient, flat, or None; and the rule's hyperparameters.

        Refuses what cannot be used, before anything is changed.
        """
        names = self.names(group)
        if names != plan.names or group["params"] is not plan.parameters:
            self._renew(group, plan, names)
        gradients: list[Any] = []
        complete = True
        for slot, parameter, data, shape, dtype in plan.rows:
            grad = parameter._grad
            if grad is None:
                complete = False
                gradients.append(None)
                continue
            g = grad._data
            if parameter._data is not data or g.shape != shape or g.dtype is not dtype:
                g = self._fit(group, plan, slot, g)
            gradients.append(g.ravel())
        if plan.stale:
            plan.refresh()
        if self.check_finite:
            for slot, g in zip(plan.slots, gradients, strict=True):
                if g is not None:
                    self._refuse_non_finite(slot, g)
        if group.get("maximize"):
            gradients = [None if g is None else -g for g in gradients]
        if not complete or plan.step is None:
            return gradients, self._paces(group, plan)
        if self.scalars:
            values, plan.upcoming = self.pace(group, plan.step + 1, plan.scalars)
            return gradients, plan.fill(values)
        return gradients, plan.fill(self.hyper(group, plan.step + 1))

    def _paces(self, group: dict[str, Any], plan: Plan) -> list[Any]:
        """For each parameter its hyperparameters and scalars, where not all have the same."""
        paces: dict[Any, Any] = {}
        for slot in plan.slots:
            age = slot.step, slot.scalars
            if age not in paces and slot.data is not None:
                values, scalars = self.pace(group, slot.step + 1, slot.scalars)
                paces[age] = np.array(values), scalars
        return [paces.get((slot.step, slot.scalars), (None, ())) for slot in plan.slots]

    def _fit(self, group: dict[str, Any], plan: Plan, slot: Slot, gradient: Any) -> Any:
        """The way round: a parameter with a new array, or a gradient to be converted."""
        if slot.parameter.data is not slot.data:
            slot.bind(plan.names, self.counts, self.initial(group))
            slot.scalars = slot.scalars or self.start(group)
            plan.stale = True
        if gradient.shape != slot.shape:
            problem = f"the gradient of {slot.name} has another shape than the parameter"
            seen = {"parameter": slot.data, "gradient": gradient}
            raise ShapeError(compose(f"{type(self).__name__}.step", problem, seen))
        return gradient if gradient.dtype is slot.dtype else slot.convert(gradient)

    def _renew(self, group: dict[str, Any], plan: Plan, names: tuple[str, ...]) -> None:
        """Remember other things from now on, as the group's options ask."""
        if group["params"] is not plan.parameters:
            where = f"{type(self).__name__}.step"
            problem = 'group["params"] was replaced, which the optimizer does not follow'
            raise ArgumentError(compose(where, problem, fix="add_param_group, or a new optimizer"))
        plan.rename(names)

    def _refuse_non_finite(self, slot: Slot, gradient: Any) -> None:
        # One dot product reads the gradient once; only if it is not finite (or has
        # overflowed) the elements are looked at one by one.
        if np.isfinite(gradient.dot(gradient)) or np.isfinite(gradient).all():
            return
        nans = int(np.isnan(gradient).sum())
        infs = int(np.isinf(gradient).sum())
        problem = f"the gradient of {slot.name} has {nans} NaN and {infs} infinite elements"
        fix = "a smaller learning rate, or clip_grad_norm_; nothing was updated"
        seen = {"parameter": slot.data, "elements": gradient.size}
        raise GradError(compose(f"{type(self).__name__}.step", problem, seen, fix))

    # ---- state ------------------------------------------------------------------------

    @property
    def state(self) -> MutableMapping[Tensor, Any]:
        """What is remembered of each parameter that has been updated.

        A mapping that shows later steps too. The tensors share the optimizer's memory; values
        can be set, and ``del optimizer.state[parameter]`` or ``state.clear()`` starts anew.

        Examples
        --------
        >>> import lucid
        >>> w = lucid.Tensor([1.0], requires_grad=True)
        >>> optimizer = lucid.optim.Adam([w])
        >>> state = optimizer.state
        >>> for _ in range(2):
        ...     (2 * w).sum().backward()
        ...     optimizer.step()
        >>> state[w]["step"], sorted(state[w])
        (2, ['exp_avg', 'exp_avg_sq', 'step'])
        """
        if self._state_view is None:
            self._state_view = StateView(self._plans, self.counts, self.scalars)
        return self._state_view

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, in PyTorch's layout.

        Returns
        -------
        dict
            ``"state"``: for each parameter's number what is remembered of it, as tensors that
            share the optimizer's memory; ``"param_groups"``: the groups' options, with
            numbers for parameters. `lucid.save` writes it.

        Examples
        --------
        >>> import lucid
        >>> w = lucid.Tensor([1.0], requires_grad=True)
        >>> optimizer = lucid.optim.SGD([w], lr=0.1, momentum=0.9)
        >>> (2 * w).sum().backward()
        >>> optimizer.step()
        >>> optimizer.state_dict()["state"]
        {0: {'momentum_buffer': Tensor([2.0000])}}
        """
        own = self._hooks
        if own is None:
            return self._pack()
        for hook in tuple(own.save_before.values()):
            hook(self)
        packed: dict[str, Any] = hooks.through(own.save_after, self, self._pack())
        return packed

    def _pack(self) -> dict[str, Any]:
        return state_dict.make(self.param_groups, self._plans, self.counts, self.scalars)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a state that `state_dict` returned, of this optimizer or one like it.

        Parameters
        ----------
        state : dict
            Arrays may be of Lucid, NumPy or PyTorch; they are copied.

        Raises
        ------
        StateError
            If groups, sizes, options or shapes differ. Nothing has been changed then.
        """
        own = self._hooks
        if own is not None:
            state = hooks.through(own.load_before, self, dict(state))
        self._unpack(state)
        if own is not None:
            for hook in tuple(own.load_after.values()):
                hook(self)

    def _unpack(self, state: Mapping[str, Any]) -> None:
        where = type(self).__name__
        loaded, entries = state_dict.read(where, state, self.param_groups, self._plans)
        for group in loaded:
            execution.check(where, group)
            self.check(group)
        slots = [slot for plan in self._plans for slot in plan.slots]
        names = [self.names(g) for g, p in zip(loaded, self._plans, strict=True) for _ in p.slots]
        arrays = [
            state_dict.fit(where, slot, entry, wanted, self.scalars)
            for slot, entry, wanted in zip(slots, entries, names, strict=True)
        ]
        for group, fresh in zip(self.param_groups, loaded, strict=True):
            group.update(fresh)
        for slot, (rows, step, scalars) in zip(slots, arrays, strict=True):
            slot.restore(rows, step, scalars)
        for plan in self._plans:
            plan.refresh()

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            options = sorted((k, v) for k, v in group.items() if k not in ("params", "param_names"))
            lines += [f"    {name}: {value}" for name, value in options]
        return "\n".join([*lines, ")"])
