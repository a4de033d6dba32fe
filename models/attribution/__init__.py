"""Exact attributions (SHAP values) of every score that a bundle serves, in NumPy alone.

Values are in log-odds of the answer: base value + attributions = logit(probability_sensitive).
An attribution says what the classifier made of a value. It is an association, never a cause.
"""

from models.attribution.attributions import ADDITIVITY_TOLERANCE, GROUPINGS, Attributions, Grouping
from models.attribution.attributor import Attributor
from models.attribution.gene_signs import GeneDirection, drug_gene_directions

__all__ = [
    "ADDITIVITY_TOLERANCE",
    "GROUPINGS",
    "Attributions",
    "Attributor",
    "GeneDirection",
    "Grouping",
    "drug_gene_directions",
]
