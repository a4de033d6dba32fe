"""What the form for predictions offers, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.expression import Scale
from models.cards.figures import figure_at
from models.drug_model import STATUSES
from serving.bundles.served import ServedBundle
from serving.pages.evidence_strip import drug_address
from serving.reviews.standing import BundleStanding


@dataclass(frozen=True, slots=True)
class ScaleChoice:
    """A scale of expression as the form explains it."""

    scale: Scale
    name: str
    meaning: str
    looks_like: str


SCALE_CHOICES = (
    ScaleChoice(
        "log2_tpm",
        "log2 of TPM + 1",
        "RNA sequencing. TPM: transcripts per million, which corrects for the length of genes and "
        "the depth of sequencing. DepMap and many portals give this.",
        "0 to about 15, with decimals",
    ),
    ScaleChoice(
        "tpm",
        "TPM",
        "RNA sequencing, the same before the logarithm: Salmon, kallisto and RSEM give this.",
        "0 to many thousands",
    ),
    ScaleChoice(
        "fpkm",
        "FPKM or RPKM",
        "RNA sequencing: fragments (or reads) per kilobase of gene and million reads.",
        "0 to many thousands",
    ),
    ScaleChoice(
        "log2_fpkm",
        "log2 of FPKM + 1",
        "RNA sequencing: the same after the logarithm.",
        "0 to about 15, with decimals",
    ),
    ScaleChoice(
        "counts",
        "Read counts",
        "RNA sequencing: how many reads fell on each gene (STAR, HTSeq, featureCounts, RSEM). The "
        "file must hold all genes, not a selection.",
        "whole numbers, 0 to millions",
    ),
    ScaleChoice(
        "rma_log2",
        "RMA, log2",
        "Microarray, normalised by RMA (robust multi-array average), as most Affymetrix series "
        "in GEO (Gene Expression Omnibus) are.",
        "about 2 to 15, with decimals",
    ),
    ScaleChoice(
        "mas5_linear",
        "MAS5 signal",
        "Microarray, signal of the Affymetrix MAS5 algorithm before any logarithm.",
        "0 to tens of thousands",
    ),
)
LEVELS = (
    (0.7, "70%: more calls, more of them wrong"),
    (0.8, "80%: usual"),
    (0.9, "90%: fewer calls, fewer of them wrong"),
    (0.95, "95%: fewest calls"),
)
DEFAULT_LEVEL = 0.8


def predict_page(served: ServedBundle, standing: BundleStanding) -> dict[str, Any]:
    """Values of the form.

    Parameters
    ----------
    served
        What answers.
    standing
        Where its drugs stand: those that are never answered cannot be chosen.
    """
    models = served.bundle.bundle.drugs.values()
    drugs = [
        {
            "name": model.drug,
            "address": drug_address(model.drug),
            "status": model.status,
            "approval": standing.state_of(model.drug),
            "is_answered": standing.is_answered(model.drug),
            "roc_auc": figure_at(model.evidence_card, "roc_auc").value,
        }
        for model in sorted(models, key=lambda model: model.drug.casefold())
    ]
    return {
        "scales": SCALE_CHOICES,
        "example_scale": served.bundle.expression_scale,
        "levels": LEVELS,
        "default_level": DEFAULT_LEVEL,
        "lineages": served.bundle.lineages,
        "drugs": drugs,
        "n_answered": sum(drug["is_answered"] and drug["status"] != "withheld" for drug in drugs),
        "n_barred": sum(not drug["is_answered"] for drug in drugs),
        "n_panel": len(served.bundle.gene_panel),
        "minimum_coverage": served.bundle.minimum_gene_coverage,
        "statuses": STATUSES,
    }
