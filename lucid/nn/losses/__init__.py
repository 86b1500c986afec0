"""Losses: one file a loss, from its formula to its module."""

from .huber import HuberLoss as HuberLoss
from .huber import huber_loss as huber_loss
