"""`evaluate` and `predict`: in evaluation mode, without gradients, and nothing left changed."""

import pytest

import lucid
from lucid import nn
from lucid.data import DataLoader, TensorDataset
from lucid.errors import ArgumentError, DTypeError


class Several(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.drop = nn.Dropout(0.9)

    def forward(self, x):
        assert not self.training
        assert not lucid.is_grad_enabled()
        return self.kind(self.drop(x), 2 * x)


def test_the_loss_is_that_of_all_samples():
    output, target = lucid.tensor([1.0, 2.0, 6.0]), lucid.tensor([1.0, 3.0, 3.0])
    loader = DataLoader(TensorDataset(output, target), 2)
    for reduction in ("mean", "sum"):
        measured = lucid.evaluate(nn.Identity(), loader, nn.MSELoss(reduction=reduction))
        assert measured == {"loss": pytest.approx(10 / 3)}
    assert lucid.evaluate(nn.Identity(), loader, metrics=["mae", "rmse"]) == {
        "mae": pytest.approx(4 / 3), "rmse": pytest.approx((10 / 3) ** 0.5),
    }  # fmt: skip


def test_predict_joins_every_kind_of_output():
    x = lucid.arange(5).float()
    pair = Several(lambda a, b: (a, b))
    a, b = lucid.predict(pair, x, batch_size=2)
    assert a.tolist() == [0, 1, 2, 3, 4]
    assert b.tolist() == [0, 2, 4, 6, 8]
    assert pair.training
    assert pair.drop.training
    found = lucid.predict(Several(lambda a, b: {"a": a, "b": [b]}), x.numpy(), batch_size=2)
    assert found["b"][0].tolist() == [0, 2, 4, 6, 8]
    assert lucid.predict(nn.Identity(), DataLoader(TensorDataset(x), 2)).tolist() == x.tolist()


def test_modes_come_back_after_an_error():
    model = Several(lambda a, b: 1 / 0)
    with pytest.raises(ZeroDivisionError) as raised:
        lucid.predict(model, lucid.ones(3))
    assert model.training
    assert any("predict: in batch 0" in note for note in raised.value.__notes__)


def test_errors():
    x = lucid.ones(3)
    with pytest.raises(ArgumentError, match="nothing to measure"):
        lucid.evaluate(nn.Identity(), (x, x))
    with pytest.raises(ArgumentError, match="no batch"):
        lucid.evaluate(nn.Identity(), [], nn.MSELoss())
    with pytest.raises(ArgumentError, match="no batch"):
        lucid.predict(nn.Identity(), [])
    with pytest.raises(DTypeError, match="cannot be put together"):
        lucid.predict(Several(lambda a, b: 1), x)
    with pytest.raises(DTypeError, match="not str"):
        lucid.predict(nn.Identity(), ["x"])
    with pytest.raises(DTypeError, match="model must be"):
        lucid.predict(lambda x: x, x)
