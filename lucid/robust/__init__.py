"""Robust statistics: locations, scales, regression, and what robustness costs and buys."""

from .breakdown import breakdown_point as breakdown_point
from .efficiency import EfficiencyTable as EfficiencyTable
from .efficiency import asymptotic_efficiency as asymptotic_efficiency
from .efficiency import efficiency_table as efficiency_table
from .efficiency import tuning_constant as tuning_constant
from .fit import RobustFit as RobustFit
from .high_breakdown import mm_regression as mm_regression
from .high_breakdown import s_regression as s_regression
from .location import LocationScale as LocationScale
from .location import huber_location_scale as huber_location_scale
from .location import m_location as m_location
from .m_scale import biweight_midvariance as biweight_midvariance
from .m_scale import breakdown_constant as breakdown_constant
from .m_scale import m_scale as m_scale
from .m_scale import tau_location_scale as tau_location_scale
from .regression import irls as irls
from .scale import mad as mad
from .scale import qn_scale as qn_scale
from .scale import sn_scale as sn_scale
