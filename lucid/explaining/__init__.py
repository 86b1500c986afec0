"""Explaining a result: each op with its formula, its gradient, what it holds, where it is from."""

from .explanation import Explanation as Explanation
from .explanation import explain as explain
from .losses import LossExplanation as LossExplanation
