"""Finding faults: where ops come from, where NaN begins, what the layers of a model do."""

from .origin import Origin as Origin
from .origin import origin_of as origin_of
from .origin import record_origins as record_origins
