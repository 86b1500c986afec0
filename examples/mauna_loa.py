"""The air over Mauna Loa, week by week: a measured record, and one that the volcano got into.

Since 1958 carbon dioxide has been measured on the flank of Mauna Loa, Hawaii. The volcano's
own vents and passing cars get into the samples now and then; the published record was cleaned
of that by hand. Here some of it is put back, so that it is known which labels are wrong.

The record ships with statsmodels: 2225 weeks from 1958 to 2001, in ppm (parts per million).
C. D. Keeling and T. P. Whorf, Atmospheric CO2 concentrations derived from flask air samples
at sites in the SIO network, in Trends: A Compendium of Data on Global Change, 2004.
"""

from dataclasses import dataclass

import numpy as np
from statsmodels.datasets import co2

UNITS = {"ppm": 1.0, "ppb": 1000.0}  # how many make one ppm
SHARE = 0.2  # of the training labels are contaminated:
PLUME = 30.0  # by an exponentially distributed surplus with this mean, in ppm


@dataclass(frozen=True)
class Weeks:
    """Some weeks of the record.

    Attributes
    ----------
    years : array of shape (n,)
        When, as 1958.25.
    inputs : float32 array of shape (n, 3)
        What the models are given: `features` of the years.
    measured : array of shape (n,)
        The concentration, in ppm, as published.
    labels : array of shape (n,)
        What the models are told it was: contaminated in the training weeks.
    """

    years: np.ndarray
    inputs: np.ndarray
    measured: np.ndarray
    labels: np.ndarray

    @property
    def contaminated(self) -> np.ndarray:
        """Which labels are not what was measured."""
        return self.labels != self.measured


def load() -> tuple[np.ndarray, np.ndarray]:
    """The weeks that have a measurement: their years, and the concentrations in ppm."""
    record = co2.load_pandas().data["co2"].dropna()
    days = record.index.to_numpy().astype("datetime64[D]").astype(float)  # since 1970
    return 1970 + days / 365.2425, record.to_numpy()


def features(years: np.ndarray) -> np.ndarray:
    """Years as a network likes them: the time, in decades from 1980, and the season's two sides.

    The season is a point on a circle, so that December and January are neighbours.
    """
    season = 2 * np.pi * years
    columns = [(years - 1980) / 10, np.sin(season), np.cos(season)]
    return np.stack(columns, axis=1).astype(np.float32)


def split(seed: int) -> tuple[Weeks, Weeks]:
    """Training weeks with contaminated labels, and a quarter of all weeks, clean, to test on."""
    rng = np.random.default_rng(seed)
    years, measured = load()
    order = rng.permutation(len(years))
    test, train = np.sort(order[: len(years) // 4]), np.sort(order[len(years) // 4 :])
    labels = measured.copy()
    wrong = rng.choice(train, round(SHARE * len(train)), replace=False)
    labels[wrong] += rng.exponential(PLUME, len(wrong))
    inputs = features(years)
    train_weeks, test_weeks = (
        Weeks(years[part], inputs[part], measured[part], labels[part]) for part in (train, test)
    )
    return train_weeks, test_weeks
