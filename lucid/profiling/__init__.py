"""Where the time goes: a profile by op, by kernel and by module."""

from .session import Profile as Profile
from .session import profile as profile
