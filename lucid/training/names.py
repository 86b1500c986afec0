"""The names that metrics go by."""

from __future__ import annotations

from collections.abc import Callable

from .classification_metrics import AUC, F1, Accuracy
from .metric import Metric
from .regression_metrics import MAE, R2, RMSE

KNOWN: dict[str, Callable[[], Metric]] = {
    "accuracy": Accuracy,
    "auc": AUC,
    "f1": F1,
    "mae": MAE,
    "r2": R2,
    "rmse": RMSE,
}
