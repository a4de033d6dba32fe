"""Estimator families, one module a family; every one learns a score, higher = more sensitive.

Nothing here is imported by the process that answers requests: what is learned leaves this package
as a `LinearScore` or as `FlatTrees`.
"""

from models.estimators.boosted_trees import BoostedTrees
from models.estimators.family import EstimatorFamily, Fitted, FittedScore, Target
from models.estimators.logistic import ElasticNetLogistic, RidgeLogistic
from models.estimators.rank_ridge import RankRidge

FAMILIES: tuple[EstimatorFamily, ...] = (
    RankRidge(),
    RidgeLogistic(),
    ElasticNetLogistic(),
    BoostedTrees(),
)
"""Simplest first: the order in which the one-standard-error rule prefers them."""

__all__ = [
    "FAMILIES",
    "BoostedTrees",
    "ElasticNetLogistic",
    "EstimatorFamily",
    "Fitted",
    "FittedScore",
    "RankRidge",
    "RidgeLogistic",
    "Target",
]
