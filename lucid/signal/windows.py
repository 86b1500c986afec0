"""Windows, symmetric unless told otherwise: a contents page of `lucid.ops.signal`, no logic."""

from ..ops.signal.windows import bartlett as bartlett
from ..ops.signal.windows import blackman as blackman
from ..ops.signal.windows import cosine as cosine
from ..ops.signal.windows import exponential as exponential
from ..ops.signal.windows import gaussian as gaussian
from ..ops.signal.windows import general_cosine as general_cosine
from ..ops.signal.windows import general_hamming as general_hamming
from ..ops.signal.windows import hamming as hamming
from ..ops.signal.windows import hann as hann
from ..ops.signal.windows import kaiser as kaiser
from ..ops.signal.windows import nuttall as nuttall
