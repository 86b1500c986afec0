"""Signals: windows, and transforms of one window after the other."""

from . import inverse_short_time, periodic_windows, short_time, windows
