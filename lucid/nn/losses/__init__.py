"""Losses: one file a loss, from its formula to its module."""

from .barron import BarronLoss as BarronLoss
from .barron import barron_loss as barron_loss
from .cauchy import CauchyLoss as CauchyLoss
from .cauchy import cauchy_loss as cauchy_loss
from .geman_mcclure import GemanMcClureLoss as GemanMcClureLoss
from .geman_mcclure import geman_mcclure_loss as geman_mcclure_loss
from .huber import HuberLoss as HuberLoss
from .huber import huber_loss as huber_loss
from .l1 import L1Loss as L1Loss
from .l1 import l1_loss as l1_loss
from .log_cosh import LogCoshLoss as LogCoshLoss
from .log_cosh import log_cosh_loss as log_cosh_loss
from .mse import MSELoss as MSELoss
from .mse import mse_loss as mse_loss
from .pseudo_huber import PseudoHuberLoss as PseudoHuberLoss
from .pseudo_huber import pseudo_huber_loss as pseudo_huber_loss
from .quantile import QuantileLoss as QuantileLoss
from .quantile import quantile_loss as quantile_loss
from .quantile_huber import QuantileHuberLoss as QuantileHuberLoss
from .quantile_huber import quantile_huber_loss as quantile_huber_loss
from .smooth_l1 import SmoothL1Loss as SmoothL1Loss
from .smooth_l1 import smooth_l1_loss as smooth_l1_loss
from .tukey import TukeyBiweightLoss as TukeyBiweightLoss
from .tukey import tukey_biweight_loss as tukey_biweight_loss
from .welsch import WelschLoss as WelschLoss
from .welsch import welsch_loss as welsch_loss
