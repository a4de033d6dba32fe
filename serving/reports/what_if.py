"""What the page that takes one profile apart starts from: the form, and the range of each gene."""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.bundles.served import ServedBundle
from serving.pages.evidence_strip import known_drug
from serving.pages.predict_form import predict_page
from serving.reviews.standing import BundleStanding

DIGITS = 6


def what_if_page(
    served: ServedBundle, standing: BundleStanding, drug: str | None
) -> dict[str, Any]:
    """Values of the page; NotFoundError for a drug that is not known.

    Parameters
    ----------
    served
        What answers.
    standing
        Where its drugs stand: those that are never answered cannot be chosen.
    drug
        The drug that the address names; the one with the strongest evidence where it names none.
    """
    form = predict_page(served, standing)
    chosen = _strongest(form["drugs"]) if drug is None else known_drug(served, drug)
    return {**form, "drug": chosen, "can_explain": served.bundle.can_explain}


def gene_ranges(served: ServedBundle) -> dict[str, Any]:
    """Say where the training lines lie, gene by gene, on the scale of the training cohort.

    Returns
    -------
    dict
        `scale`; `genes`: a list with `gene`, `mean` and `sd` (log2 units), and `low` and `high`,
        the ends of the range of the training lines; null where the bundle keeps no lines.
    """
    bundle = served.bundle.bundle
    panel = list(served.bundle.gene_panel)
    reference = bundle.features.reference_
    places = reference.positions(panel)
    mean, sd = reference.location[places], reference.scale[places]
    ends: list[list[float | None]] = [[None] * len(panel)] * 2
    if bundle.domain is not None:
        z = bundle.domain.features.astype(np.float64)
        ends = [np.round(mean + sd * end, DIGITS).tolist() for end in (z.min(0), z.max(0))]
    return {
        "bundle_sha256": served.sha256,
        "scale": served.bundle.expression_scale,
        "genes": [
            {"gene": gene, "mean": float(one), "sd": float(spread), "low": low, "high": high}
            for gene, one, spread, low, high in zip(panel, mean, sd, *ends, strict=True)
        ],
    }


def _strongest(drugs: list[dict[str, Any]]) -> str:
    ranks = {"supported": 0, "exploratory": 1, "withheld": 2}
    best = min(
        drugs,
        key=lambda one: (not one["is_answered"], ranks[one["status"]], -(one["roc_auc"] or 0.0)),
    )
    return str(best["name"])
