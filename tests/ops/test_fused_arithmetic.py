"""lerp, addcmul, addcdiv."""

from __future__ import annotations

import lucid


def test_lerp_is_exact_at_both_ends() -> None:
    a, b = lucid.tensor([0.1, 1e8]), lucid.tensor([0.7, -3.3])
    assert lucid.equal(lucid.lerp(a, b, 0.0), a)
    assert lucid.equal(lucid.lerp(a, b, 1.0), b)
    assert lucid.lerp(a, b, lucid.tensor([0.0, 0.0])).tolist() == a.tolist()


def test_the_weight_of_lerp_has_a_gradient() -> None:
    a, b = lucid.tensor([1.0, 2.0]), lucid.tensor([5.0, 4.0])
    w = lucid.tensor(0.25).requires_grad_()
    lucid.lerp(a, b, w).sum().backward()
    assert w.grad.item() == 6.0


def test_addcmul_and_addcdiv_broadcast() -> None:
    x = lucid.tensor([[1.0], [2.0]])
    y, z = lucid.tensor([2.0, 4.0]), lucid.tensor([1.0, 2.0])
    assert lucid.addcmul(x, y, z, value=2).tolist() == [[5.0, 17.0], [6.0, 18.0]]
    assert lucid.addcdiv(x, y, z).tolist() == [[3.0, 3.0], [4.0, 4.0]]
