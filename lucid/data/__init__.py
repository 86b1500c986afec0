"""Datasets, samplers, and the loader that makes batches of them."""

from . import transforms as transforms
from .array_files import ArrayFileDataset as ArrayFileDataset
from .collate import default_collate as default_collate
from .collate import default_convert as default_convert
from .dataset import ChainDataset as ChainDataset
from .dataset import ConcatDataset as ConcatDataset
from .dataset import Dataset as Dataset
from .dataset import IterableDataset as IterableDataset
from .dataset import StackDataset as StackDataset
from .dataset import Subset as Subset
from .dataset import TensorDataset as TensorDataset
from .dataset import TransformDataset as TransformDataset
from .dataset import random_split as random_split
from .distributed_sampler import DistributedSampler as DistributedSampler
from .loader import DataLoader as DataLoader
from .sampler import BatchSampler as BatchSampler
from .sampler import RandomSampler as RandomSampler
from .sampler import Sampler as Sampler
from .sampler import SequentialSampler as SequentialSampler
from .sampler import SubsetRandomSampler as SubsetRandomSampler
from .sampler import WeightedRandomSampler as WeightedRandomSampler
from .tables import TableDataset as TableDataset
from .tables import TableStream as TableStream
from .worker import WorkerInfo as WorkerInfo
from .worker import get_worker_info as get_worker_info
