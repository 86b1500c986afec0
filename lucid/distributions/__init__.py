"""Probability distributions: draws with gradients, densities, entropies, divergences.

Names, arguments and meaning are those of ``torch.distributions``. Beside them stand the
distributions that robust regression goes with: `Huber`, whose negative log-likelihood is
`nn.HuberLoss`, and `AsymmetricLaplace`, whose is the pinball loss. Random numbers come from the
generator that `lucid.manual_seed` seeds.
"""

from . import constraints as constraints
from . import kl_across_families as _kl_across_families
from . import kl_same_family as _kl_same_family
from . import transforms as transforms
from .bernoulli import Bernoulli as Bernoulli
from .bernoulli import ContinuousBernoulli as ContinuousBernoulli
from .bernoulli import Geometric as Geometric
from .beta import Beta as Beta
from .beta import Dirichlet as Dirichlet
from .beta import Kumaraswamy as Kumaraswamy
from .categorical import Categorical as Categorical
from .categorical import Multinomial as Multinomial
from .categorical import OneHotCategorical as OneHotCategorical
from .categorical import OneHotCategoricalStraightThrough as OneHotCategoricalStraightThrough
from .cauchy import Cauchy as Cauchy
from .cauchy import HalfCauchy as HalfCauchy
from .constraint_registry import ConstraintRegistry as ConstraintRegistry
from .constraint_registry import biject_to as biject_to
from .constraint_registry import transform_to as transform_to
from .counts import Binomial as Binomial
from .counts import NegativeBinomial as NegativeBinomial
from .counts import Poisson as Poisson
from .distribution import Distribution as Distribution
from .elementwise_transforms import AbsTransform as AbsTransform
from .elementwise_transforms import AffineTransform as AffineTransform
from .elementwise_transforms import ExpTransform as ExpTransform
from .elementwise_transforms import PowerTransform as PowerTransform
from .elementwise_transforms import SigmoidTransform as SigmoidTransform
from .elementwise_transforms import SoftplusTransform as SoftplusTransform
from .elementwise_transforms import TanhTransform as TanhTransform
from .exponential_family import ExponentialFamily as ExponentialFamily
from .extreme_value import GeneralizedPareto as GeneralizedPareto
from .extreme_value import Gumbel as Gumbel
from .extreme_value import Pareto as Pareto
from .extreme_value import Weibull as Weibull
from .gamma import Chi2 as Chi2
from .gamma import Exponential as Exponential
from .gamma import Gamma as Gamma
from .gamma import InverseGamma as InverseGamma
from .huber import Huber as Huber
from .joined_transforms import CatTransform as CatTransform
from .joined_transforms import CumulativeDistributionTransform as CumulativeDistributionTransform
from .joined_transforms import StackTransform as StackTransform
from .kl import kl_divergence as kl_divergence
from .kl import register_kl as register_kl
from .laplace import AsymmetricLaplace as AsymmetricLaplace
from .laplace import Laplace as Laplace
from .matrices import LKJCholesky as LKJCholesky
from .matrices import Wishart as Wishart
from .mixture import MixtureSameFamily as MixtureSameFamily
from .multivariate_normal import LogisticNormal as LogisticNormal
from .multivariate_normal import LowRankMultivariateNormal as LowRankMultivariateNormal
from .multivariate_normal import MultivariateNormal as MultivariateNormal
from .normal import HalfNormal as HalfNormal
from .normal import LogNormal as LogNormal
from .normal import Normal as Normal
from .relaxed import RelaxedBernoulli as RelaxedBernoulli
from .relaxed import RelaxedOneHotCategorical as RelaxedOneHotCategorical
from .student_t import FisherSnedecor as FisherSnedecor
from .student_t import StudentT as StudentT
from .transform import ComposeTransform as ComposeTransform
from .transform import IndependentTransform as IndependentTransform
from .transform import ReshapeTransform as ReshapeTransform
from .transform import Transform as Transform
from .transform import identity_transform as identity_transform
from .transformed import Independent as Independent
from .transformed import TransformedDistribution as TransformedDistribution
from .uniform import Uniform as Uniform
from .vector_transforms import CorrCholeskyTransform as CorrCholeskyTransform
from .vector_transforms import LowerCholeskyTransform as LowerCholeskyTransform
from .vector_transforms import PositiveDefiniteTransform as PositiveDefiniteTransform
from .vector_transforms import SoftmaxTransform as SoftmaxTransform
from .vector_transforms import StickBreakingTransform as StickBreakingTransform
from .von_mises import VonMises as VonMises
