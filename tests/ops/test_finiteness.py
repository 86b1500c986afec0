"""NaN, infinite, finite: on floats and on integers, which are always finite."""

from __future__ import annotations

import lucid

INF, NAN = float("inf"), float("nan")


def test_floats() -> None:
    x = lucid.tensor([NAN, INF, -INF, 1.0])
    assert lucid.isnan(x).tolist() == [True, False, False, False]
    assert lucid.isinf(x).tolist() == [False, True, True, False]
    assert lucid.isfinite(x).tolist() == [False, False, False, True]
    assert lucid.isposinf(x).tolist() == [False, True, False, False]
    assert lucid.isneginf(x).tolist() == [False, False, True, False]


def test_integers() -> None:
    x = lucid.tensor([0, 5])
    for function in (lucid.isnan, lucid.isinf, lucid.isposinf, lucid.isneginf):
        assert function(x).tolist() == [False, False]
    assert lucid.isfinite(x).tolist() == [True, True]
    assert lucid.isnan(x).dtype == lucid.bool
