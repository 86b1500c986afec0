"""frexp, ldexp and nextafter beside PyTorch's and NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_frexp_and_back(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    values = [8.0, -0.75, 0.0, INF, -INF, NAN, 1e-4, 1000.0]
    x = lucid.tensor(values).to(dtype)
    mantissa, exponent = lucid.frexp(x)
    wanted = torch.frexp(torch.tensor(values).to(getattr(torch, dtype)))
    assert mantissa.dtype == dtype
    assert exponent.dtype == lucid.int32
    np.testing.assert_array_equal(mantissa.double().numpy(), wanted.mantissa.double())
    assert exponent.tolist() == wanted.exponent.tolist()
    back = lucid.ldexp(mantissa, exponent)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back.double().numpy(), x.double().numpy())


def test_frexp_gradient() -> None:
    torch = pytest.importorskip("torch")
    values = [8.0, -0.75, 3e-200]
    ours = lucid.tensor(values, dtype="float64", requires_grad=True)
    theirs = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    lucid.frexp(ours).mantissa.sum().backward()
    torch.frexp(theirs).mantissa.sum().backward()
    assert ours.grad.tolist()[:2] == theirs.grad.tolist()[:2]
    assert np.isfinite(ours.grad.numpy()).all()


@pytest.mark.parametrize("other", [3, -2, 1.5, [1, -3], [0.5, 2.0]])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_ldexp(dtype: str, other: Any) -> None:
    torch = pytest.importorskip("torch")
    x = np.array([1, -3]).astype(dtype)
    made = isinstance(other, list)
    found = lucid.ldexp(lucid.tensor(x), lucid.tensor(other) if made else other)
    wanted = torch.ldexp(torch.tensor(x), torch.tensor(other))
    assert str(found.dtype) == str(wanted.dtype).removeprefix("torch.")
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6)


def test_ldexp_has_no_power_that_overflows() -> None:
    tiny = lucid.tensor([2.0**-1000], dtype="float64")
    assert lucid.ldexp(tiny, 2000).item() == 2.0**1000
    assert lucid.ldexp(tiny, 10**12).item() == INF
    assert lucid.ldexp(tiny, -(10**12)).item() == 0.0
    assert lucid.ldexp(tiny, True).item() == 2.0**-999


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_nextafter(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    a, b = [1.0, 1.0, 0.0, INF, NAN, 2.0], [2.0, -INF, 1.0, 0.0, 1.0, 2.0]
    found = lucid.nextafter(lucid.tensor(a).to(dtype), lucid.tensor(b).to(dtype))
    kind = getattr(torch, dtype)
    wanted = torch.nextafter(torch.tensor(a).to(kind), torch.tensor(b).to(kind))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.double().numpy(), wanted.double())


def test_messages() -> None:
    whole = lucid.tensor([1, 2])
    with pytest.raises(DTypeError, match="frexp: takes a floating tensor"):
        lucid.frexp(whole)
    with pytest.raises(DTypeError, match="nextafter: takes floating tensors"):
        lucid.nextafter(whole, whole)
    with pytest.raises(DTypeError, match="frexp"):
        lucid.frexp([1.0])
