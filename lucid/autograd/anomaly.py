"""Anomaly detection, under PyTorch's names: a contents page, no logic."""

from ..debug.anomaly import detect_anomaly as detect_anomaly
from ..debug.anomaly import set_detect_anomaly as set_detect_anomaly
