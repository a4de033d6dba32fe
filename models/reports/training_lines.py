"""The features of the training lines, worked out again from what a bundle keeps of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.bundle import Bundle
from models.reports.content import FloatArray, Missing

TOLERANCE = 1e-5
FORMAT_1 = (
    "This bundle is of format 1: it keeps neither its training lines nor the mean of their "
    "features. Train it anew to see what the classifier rests on."
)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingLines:
    """Training lines of a bundle.

    Attributes
    ----------
    samples, lineage
        (n_lines,) names; None where the lineage is not known.
    features
        (n_lines, n_features) as the classifiers learned from them, but for the rounding of the
        stored z values to seven digits.
    """

    samples: tuple[str, ...]
    lineage: tuple[str | None, ...]
    features: FloatArray


def training_lines(bundle: Bundle) -> TrainingLines | Missing:
    """Work out the features of the training lines, or say why that cannot be done exactly.

    A bundle keeps the z values of the panel genes and the lineages. Sets, balances and covariates
    follow from these where sets are scored by mean z and no feature needs another gene. The mean
    of the result is held to the mean that the bundle keeps.
    """
    domain, background = bundle.domain, bundle.background
    if background is None:
        return Missing(FORMAT_1)
    if domain is None:
        return Missing(
            "This bundle keeps no training lines: it has no gene features, or its cohort too few "
            "patients. Attributions over training lines cannot be shown."
        )
    arrays = bundle.features.arrays_
    if not arrays.is_affine:
        return Missing(
            f"Gene sets are scored by {bundle.features.score}, which cannot be worked out again "
            "exactly from the z values that a bundle keeps. Attributions over training lines are "
            "not shown."
        )
    panel = {gene: place for place, gene in enumerate(bundle.features.gene_panel_)}
    absent = [gene for gene in arrays.genes if gene not in panel]
    if absent:
        return Missing(
            f"The bundle keeps no z values of {len(absent)} genes outside the panel (of the "
            "proliferation score). Attributions over training lines are not shown."
        )
    z = domain.features.astype(np.float64)[:, [panel[gene] for gene in arrays.genes]]
    features = z @ arrays.z_map()
    features[:, arrays.lineage_columns] = arrays.coding.encode(domain.lineage)
    off = float(np.abs(features.mean(axis=0) - background).max(initial=0.0))
    if not off <= TOLERANCE:
        return Missing(
            f"Features worked out from the stored training lines miss the stored mean by {off:.2g}."
            " Attributions over training lines are not shown."
        )
    return TrainingLines(domain.samples, domain.lineage, features)
