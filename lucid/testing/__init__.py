"""Checks that hold for every op: `CHECKS`, each a function of a primitive."""

from .cases import Case as Case
from .cases import cases as cases
from .checks import CHECKS as CHECKS
