"""What goes with layers, under the names of ``torch.nn.utils``. No logic here."""

from ...optim.clip import clip_grad_norm_ as clip_grad_norm_
from ...optim.clip import clip_grad_value_ as clip_grad_value_
from . import rnn as rnn
