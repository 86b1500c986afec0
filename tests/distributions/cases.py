"""One batch of every distribution, with values to ask it about; arrays of NumPy throughout."""

import numpy as np

SPD = np.array([[2.0, 0.6], [0.6, 1.5]])
LOWER = np.linalg.cholesky(SPD)
WEIGHTS = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
LOGITS = np.array([[0.3, -1.0, 2.0], [0.0, 0.5, -0.5]])

_real = np.array([[-3.0, -0.4, 0.0], [0.7, 1.9, 12.0]])
_positive = np.array([[0.05, 0.4, 1.0], [0.7, 1.9, 7.0]])
_unit = np.array([[0.05, 0.4, 0.499], [0.7, 0.9, 0.98]])
_counts = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
_bits = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
_simplex = np.array([[0.1, 0.3, 0.6], [0.5, 0.25, 0.25]])
_three = np.array([0.5, 1.3, 4.0])
_probs = np.array([0.1, 0.5, 0.93])


# (class, parameters, values)
CASES = [
    ("Normal", {"loc": np.array([0.0, -1.0, 2.0]), "scale": _three}, _real),
    ("Laplace", {"loc": np.array([0.1, -1.0, 2.0]), "scale": _three}, _real),
    ("Cauchy", {"loc": np.array([0.0, -1.0, 2.0]), "scale": _three}, _real),
    ("StudentT", {"df": np.array([0.7, 1.5, 9.0]), "loc": _three, "scale": _three}, _real),
    ("Gumbel", {"loc": np.array([0.0, -1.0, 2.0]), "scale": _three}, _real),
    ("LogNormal", {"loc": np.array([0.0, -1.0, 0.5]), "scale": _three}, _positive),
    ("HalfNormal", {"scale": _three}, _positive),
    ("HalfCauchy", {"scale": _three}, _positive),
    ("Exponential", {"rate": _three}, _positive),
    ("Gamma", {"concentration": _three, "rate": np.array([2.0, 0.3, 1.0])}, _positive),
    ("Chi2", {"df": _three}, _positive),
    ("InverseGamma", {"concentration": _three, "rate": np.array([2.0, 0.3, 1.0])}, _positive),
    ("FisherSnedecor", {"df1": np.array([1.0, 2.5, 8.0]), "df2": _three + 2}, _positive),
    ("Weibull", {"scale": _three, "concentration": np.array([1.0, 2.5, 0.8])}, _positive),
    ("Pareto", {"scale": np.full(3, 0.04), "alpha": _three}, _positive),
    (
        "GeneralizedPareto",
        {"loc": np.zeros(3), "scale": _three, "concentration": np.array([0.3, -0.2, 0.1])},
        _positive,
    ),
    ("Uniform", {"low": np.array([0.0, -1.0, 0.0]), "high": np.array([1.0, 2.0, 8.0])}, _unit),
    ("Beta", {"concentration1": _three, "concentration0": np.array([2.0, 0.3, 1.5])}, _unit),
    ("Kumaraswamy", {"concentration1": _three, "concentration0": np.array([2, 0.3, 1.5])}, _unit),
    ("ContinuousBernoulli", {"probs": _probs}, _unit),
    ("ContinuousBernoulli", {"logits": np.array([-30.0, 0.0, 4.0])}, _unit),
    ("VonMises", {"loc": np.array([0.0, -1.0, 2.0]), "concentration": _three}, _real),
    ("Bernoulli", {"probs": _probs}, _bits),
    ("Bernoulli", {"logits": np.array([-30.0, 0.3, 4.0])}, _bits),
    ("Geometric", {"probs": _probs}, _counts),
    ("Geometric", {"logits": np.array([-2.0, 0.3, 4.0])}, _counts),
    ("Binomial", {"total_count": np.full(3, 5.0), "probs": _probs}, _counts),
    ("Binomial", {"total_count": np.full(3, 5.0), "logits": np.array([-2.0, 0.3, 4.0])}, _counts),
    ("NegativeBinomial", {"total_count": _three, "probs": _probs}, _counts),
    ("NegativeBinomial", {"total_count": _three, "logits": np.array([-2.0, 0.3, 1.0])}, _counts),
    ("Poisson", {"rate": _three}, _counts),
    ("Categorical", {"probs": WEIGHTS}, np.array([[0, 2], [1, 1]])),
    ("Categorical", {"logits": LOGITS}, np.array([[0, 2], [1, 1]])),
    ("OneHotCategorical", {"probs": WEIGHTS}, np.eye(3)[:, None, :]),
    ("OneHotCategorical", {"logits": LOGITS}, np.eye(3)[:, None, :]),
    ("OneHotCategoricalStraightThrough", {"probs": WEIGHTS}, np.eye(3)[:, None, :]),
    ("Multinomial", {"total_count": 4, "probs": WEIGHTS}, np.array([[4.0, 0, 0], [1, 2, 1]])),
    ("Multinomial", {"total_count": 4, "logits": LOGITS}, np.array([[4.0, 0, 0], [1, 2, 1]])),
    ("Dirichlet", {"concentration": np.array([[0.5, 1.3, 4.0], [2.0, 2.0, 3.0]])}, _simplex),
    ("RelaxedBernoulli", {"temperature": np.array(0.7), "probs": _probs}, _unit),
    ("RelaxedBernoulli", {"temperature": np.array(0.7), "logits": LOGITS[0]}, _unit),
    ("RelaxedOneHotCategorical", {"temperature": np.array(0.7), "probs": WEIGHTS}, _simplex),
    ("RelaxedOneHotCategorical", {"temperature": np.array(0.7), "logits": LOGITS}, _simplex),
    ("MultivariateNormal", {"loc": np.zeros(2), "covariance_matrix": SPD}, _real[:, :2]),
    ("MultivariateNormal", {"loc": _real[:, :2], "precision_matrix": SPD}, _real[:, :2]),
    (
        "MultivariateNormal",
        {"loc": _real[:, :2], "scale_tril": np.stack([LOWER, np.eye(2)])},
        _real[:, :2],
    ),
    (
        "LowRankMultivariateNormal",
        {
            "loc": _real,
            "cov_factor": np.array([[1.0, 0.2], [0.3, 0.1], [0.0, 2.0]]),
            "cov_diag": _three,
        },
        _real,
    ),
    ("LogisticNormal", {"loc": _real[:, :2], "scale": _three[:2]}, _simplex),
    ("Wishart", {"df": np.array([2.5, 4.0]), "covariance_matrix": SPD}, np.stack([SPD, np.eye(2)])),
    ("Wishart", {"df": np.array(3.5), "precision_matrix": SPD}, np.stack([SPD, np.eye(2)])),
    ("Wishart", {"df": np.array(3.5), "scale_tril": LOWER}, np.stack([SPD, np.eye(2)])),
    ("LKJCholesky", {"dim": 3, "concentration": np.array([0.5, 2.0])}, np.eye(3)),
    (
        "LKJCholesky",
        {"dim": 2, "concentration": np.array(2.0)},
        np.array([[1.0, 0.0], [0.6, 0.8]]),
    ),
]
IDS = [f"{name}-{'-'.join(parameters)}" for name, parameters, _ in CASES]
