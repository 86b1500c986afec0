"""Where the time goes: a profile by op, by kernel and by module."""

from .profiler import Profile as Profile
from .profiler import profile as profile
