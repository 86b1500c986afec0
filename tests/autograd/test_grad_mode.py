"""Grad modes: as blocks, as decorators, nested, in threads, generators and coroutines."""

import asyncio
import threading

import pytest

import lucid
from lucid import Tensor
from lucid.autograd import is_inference_mode_enabled
from lucid.config import LOCAL
from lucid.errors import ArgumentError


@pytest.fixture
def x():
    return Tensor([1.0, 2.0], requires_grad=True)


@pytest.fixture(autouse=True)
def mode_is_left_as_found():
    yield
    assert LOCAL.state.grad_enabled
    assert not LOCAL.state.inference


@pytest.mark.parametrize("mode", [lucid.no_grad, lucid.inference_mode])
def test_nothing_is_recorded(x, mode):
    with mode() as nothing:
        y = x * 2
        assert not lucid.is_grad_enabled()
    assert nothing is None
    assert not y.requires_grad
    assert (x * 2).requires_grad


def test_a_leaf_may_be_made_and_changed_inside(x):
    with lucid.no_grad():
        leaf = Tensor([1.0], requires_grad=True)
        leaf += 1
    assert leaf.requires_grad
    assert leaf.tolist() == [2.0]


def test_modes_nest(x):
    with lucid.no_grad():
        with lucid.enable_grad():
            assert (x * 2).requires_grad
            with lucid.no_grad():
                assert not (x * 2).requires_grad
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad


def test_one_mode_can_be_entered_twice(x):
    mode = lucid.no_grad()
    with mode:
        with mode:
            assert not lucid.is_grad_enabled()
        assert not lucid.is_grad_enabled()
    assert lucid.is_grad_enabled()


@pytest.mark.parametrize("mode", [lucid.no_grad, lucid.inference_mode])
def test_an_exception_restores_the_mode(mode):
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert lucid.is_grad_enabled()


def test_inference_mode_is_not_left_from_inside(x):
    with lucid.inference_mode():
        with lucid.enable_grad():
            assert not (x * 2).requires_grad
        with lucid.set_grad_enabled(True):
            assert not (x * 2).requires_grad
        assert is_inference_mode_enabled()
        with lucid.inference_mode(False):
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert not is_inference_mode_enabled()


def test_inference_mode_keeps_create_graph_from_recording(x):
    y = (x * x * x).sum()
    with lucid.inference_mode():
        (slope,) = lucid.autograd.grad(y, x, create_graph=True)
    assert not slope.requires_grad
    assert slope.tolist() == [3.0, 12.0]


def test_tensors_of_inference_mode_are_ordinary(x):
    with lucid.inference_mode():
        y = x * 2
    (x * y).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_set_grad_enabled_as_a_function():
    lucid.set_grad_enabled(False)
    try:
        assert not lucid.is_grad_enabled()
    finally:
        lucid.set_grad_enabled(True)
    assert lucid.is_grad_enabled()


def test_set_grad_enabled_as_a_block():
    mode = lucid.set_grad_enabled(False)
    assert not lucid.is_grad_enabled()
    with mode:
        assert not lucid.is_grad_enabled()
    assert lucid.is_grad_enabled()
    with mode:
        with mode:
            assert not lucid.is_grad_enabled()
        assert not lucid.is_grad_enabled()
    assert lucid.is_grad_enabled()


@pytest.mark.parametrize(
    "decorate",
    [
        lucid.no_grad,
        lucid.no_grad(),
        lucid.inference_mode,
        lucid.inference_mode(),
        pytest.param("set", id="set_grad_enabled"),
    ],
)
def test_decorators(x, decorate):
    if decorate == "set":
        decorate = lucid.set_grad_enabled(False)

    @decorate
    def double(x):
        """Twice."""
        return x * 2

    assert lucid.is_grad_enabled()
    assert not double(x).requires_grad
    assert not double(x=x).requires_grad
    assert (double.__name__, double.__doc__) == ("double", "Twice.")
    assert lucid.is_grad_enabled()


def test_a_decorated_function_can_call_itself(x):
    @lucid.no_grad()
    def power(x, n):
        assert not lucid.is_grad_enabled()
        return x if n == 1 else x * power(x, n - 1)

    assert power(x, 5).tolist() == [1.0, 32.0]
    assert lucid.is_grad_enabled()


def test_generators_are_in_the_mode_and_their_callers_are_not(x):
    closed = []

    @lucid.no_grad()
    def steps():
        try:
            got = yield x * 1
            yield x * got
        except ValueError:
            yield x * 3
        finally:
            closed.append(lucid.is_grad_enabled())

    run = steps()
    assert not next(run).requires_grad
    assert lucid.is_grad_enabled()
    assert run.send(2.0).tolist() == [2.0, 4.0]
    caught = run.throw(ValueError())
    assert (caught.tolist(), caught.requires_grad) == ([3.0, 6.0], False)
    run.close()
    assert closed == [False]
    assert lucid.is_grad_enabled()


def test_a_generator_returns_its_value():
    @lucid.no_grad()
    def steps():
        yield 1
        return 2

    def outer():
        return (yield from steps())

    run = outer()
    assert next(run) == 1
    with pytest.raises(StopIteration) as end:
        next(run)
    assert end.value.value == 2


def test_coroutines_leave_others_alone():
    seen = []

    @lucid.no_grad()
    async def without():
        seen.append(lucid.is_grad_enabled())
        await asyncio.sleep(0)
        seen.append(lucid.is_grad_enabled())
        return "done"

    async def main():
        task = asyncio.ensure_future(without())
        await asyncio.sleep(0)  # `without` is in the middle of its body now
        inside = lucid.is_grad_enabled()
        return inside, await task

    assert asyncio.run(main()) == (True, "done")
    assert seen == [False, False]


def test_another_thread_has_a_mode_of_its_own(x):
    entered, leave, seen = threading.Event(), threading.Event(), []

    def other():
        seen.append(lucid.is_grad_enabled())
        with lucid.no_grad():
            entered.set()
            leave.wait(10)
            seen.append((x * 2).requires_grad)

    with lucid.no_grad():
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait(10)
    assert (x * 2).requires_grad  # while the other thread is inside no_grad
    leave.set()
    thread.join()
    assert seen == [True, False]


@pytest.mark.parametrize("wrong", ["yes", None])
def test_a_mode_must_be_a_truth_value(wrong):
    with pytest.raises(ArgumentError, match=r"set_grad_enabled: the mode must be True or False"):
        lucid.set_grad_enabled(wrong)


def test_classes_are_not_decorated():
    with pytest.raises(ArgumentError, match="decorates functions and methods"):
        lucid.no_grad()(Tensor)
