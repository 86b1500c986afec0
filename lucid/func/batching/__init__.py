"""The batching rules: importing this declares them all."""

from . import along_axes as along_axes
from . import decompositions as decompositions
from . import elementwise as elementwise
from . import indexing as indexing
from . import layers as layers
from . import losses as losses
from . import products as products
