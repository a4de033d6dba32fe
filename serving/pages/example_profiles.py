"""Made-up profiles in the form of a file, so that a newcomer sees an answer at once."""

from __future__ import annotations

import numpy as np

from serving.bundles.served import ServedBundle

N_SAMPLES = 6
SEED = 20
SPREAD = 0.8  # of the samples about the training mean, in standard deviations of a gene


def example_profiles(served: ServedBundle) -> bytes:
    """Draw profiles about the means of the training lines.

    Genes are drawn one by one, so the profiles have none of the correlations of real ones. The
    values are on the scale of the training cohort.

    Returns
    -------
    bytes
        A tab-separated table: a gene a row, a sample a column.
    """
    genes = list(served.bundle.gene_panel)
    reference = served.bundle.bundle.features.reference_
    places = reference.positions(genes)
    noise = np.random.default_rng(SEED).normal(size=(N_SAMPLES, len(genes)))
    values = reference.location[places] + SPREAD * reference.scale[places] * noise
    names = [f"made-up {number}" for number in range(1, N_SAMPLES + 1)]
    lines = ["\t".join(("gene", *names))]
    lines += [
        "\t".join((gene, *(f"{value:.3f}" for value in row)))
        for gene, row in zip(genes, np.maximum(values, 0.0).T, strict=True)
    ]
    return "\n".join([*lines, ""]).encode()
