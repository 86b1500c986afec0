"""Finding faults: where ops come from, where NaN begins, what the layers of a model do."""

from .anomaly import detect_anomaly as detect_anomaly
from .anomaly import set_detect_anomaly as set_detect_anomaly
from .origin import Origin as Origin
from .origin import origin_of as origin_of
from .origin import record_origins as record_origins
from .watching import Layer as Layer
from .watching import Watch as Watch
from .watching import watch as watch
