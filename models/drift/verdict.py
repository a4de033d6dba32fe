"""What drift looks like on the whole: one gene, many, or all of them at once, and which way."""

from __future__ import annotations

from typing import Literal

import numpy as np

from models.drift.genes import Drifts

Kind = Literal["none", "some_genes", "higher", "lower", "wider", "narrower", "mixed"]
KINDS: tuple[Kind, ...] = (
    "none", "some_genes", "higher", "lower", "wider", "narrower", "mixed",
)  # fmt: skip

# From half of the genes on, a change of what measures is likelier than one of what is measured.
MANY = 0.5
NEARLY_ALL = 0.8
MEANS: dict[Kind, str] = {
    "none": "Gene by gene, the profiles look like the training cohort.",
    "some_genes": "Some genes changed, and most did not: other tissues, other states of cells, or "
    "a few probes or identifiers that are read differently.",
    "higher": "Most genes changed at once, and nearly all of them upwards: look for another scale "
    "or normalisation before looking for biology.",
    "lower": "Most genes changed at once, and nearly all of them downwards: look for another scale "
    "or normalisation, or for weaker signals, before looking for biology.",
    "wider": "Most genes changed at once and lie farther out, on both sides: another platform, or "
    "profiles more different from each other than the training lines.",
    "narrower": "Most genes changed at once and lie nearer to the middle: values that were "
    "smoothed or averaged, another platform, or one tissue alone.",
    "mixed": "Most genes changed at once, some upwards and some downwards: look for another "
    "platform or another kind of sample.",
}


def kind_of(drifts: Drifts, *, least_share: float) -> Kind:
    """Name the kind of drift.

    Parameters
    ----------
    drifts
        Of all genes.
    least_share
        Share of the genes that must have drifted to speak of drift at all, 0 to 1.
    """
    if not drifts.n_drifted or drifts.share_drifted < least_share:
        return "none"
    if drifts.share_drifted < MANY:
        return "some_genes"
    changed = drifts.columns["drifted"]
    upwards = float(np.mean(drifts.columns["shift"][changed] > 0))
    outwards = float(np.mean(drifts.columns["outer"][changed] > 0))
    if upwards >= NEARLY_ALL:
        return "higher"
    if upwards <= 1 - NEARLY_ALL:
        return "lower"
    if outwards >= NEARLY_ALL:
        return "wider"
    return "narrower" if outwards <= 1 - NEARLY_ALL else "mixed"
