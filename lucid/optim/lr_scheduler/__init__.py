"""Schedulers: how the learning rate of an optimizer changes from epoch to epoch.

Most derive the next rate from the present one, as PyTorch does; so several schedulers may act
on one optimizer, and a rate that was set by hand is carried on from.
"""

from .base import LRScheduler as LRScheduler
from .combining import ChainedScheduler as ChainedScheduler
from .combining import SequentialLR as SequentialLR
from .cosine import CosineAnnealingLR as CosineAnnealingLR
from .cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .cycles import CyclicLR as CyclicLR
from .cycles import OneCycleLR as OneCycleLR
from .decay import ExponentialLR as ExponentialLR
from .decay import MultiStepLR as MultiStepLR
from .decay import PolynomialLR as PolynomialLR
from .decay import StepLR as StepLR
from .factors import ConstantLR as ConstantLR
from .factors import LambdaLR as LambdaLR
from .factors import LinearLR as LinearLR
from .factors import MultiplicativeLR as MultiplicativeLR
from .plateau import ReduceLROnPlateau as ReduceLROnPlateau
