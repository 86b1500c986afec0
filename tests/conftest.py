"""Settings of the whole test suite."""

from hypothesis import settings

# No deadlines: whichever example comes first may have to load or compile a kernel.
settings.register_profile("lucid", deadline=None)
settings.load_profile("lucid")
