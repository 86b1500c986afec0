"""What is done to samples before a model sees them: images and the columns of tables."""

from .compose import Compose as Compose
from .compose import ToTensor as ToTensor
from .compose import Transform as Transform
from .crop import CenterCrop as CenterCrop
from .crop import Pad as Pad
from .crop import RandomCrop as RandomCrop
from .flip import RandomHorizontalFlip as RandomHorizontalFlip
from .flip import RandomVerticalFlip as RandomVerticalFlip
from .normalize import Normalize as Normalize
from .scaling import RobustScaler as RobustScaler
from .scaling import StandardScaler as StandardScaler
