"""Answers as Parquet: a reader writes the file, because pyarrow costs 40 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serving.uploads.frames import Frame
from serving.uploads.orders import WRITE_PARQUET

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.reviews.answered import Review
    from serving.services import Services


async def predictions_parquet(
    answers: CompiledAnswers, served: ServedBundle, review: Review, services: Services
) -> bytes:
    """Encode answers as Parquet, with the columns of the CSV.

    Raises
    ------
    NotReadyError
        No reader is free, or it was ended from outside.
    """
    reply = await services.uploads.ask(parquet_order(answers, served, review))
    return bytes(reply.payload)


def parquet_order(answers: CompiledAnswers, served: ServedBundle, review: Review) -> Frame:
    """Say what is to be written, without a row a sample and drug."""
    bundle: Any = served.bundle
    percentiles = answers.domain_percentile.tolist()
    header = {
        "kind": WRITE_PARQUET,
        "samples": answers.sample_ids,
        "drugs": answers.drugs,
        "statuses": answers.statuses,
        "approvals": review.marks.states,
        "approval_limits": review.marks.limit_texts,
        "lineage_used": answers.lineage_used,
        "domain_percentile": [None if one != one else one for one in percentiles],
        "of_all": {
            "gene_coverage": float(answers.coverage.fraction),
            "n_genes_missing": len(answers.coverage.missing),
            "alignment": answers.alignment,
            "bundle_version": bundle.name,
            "bundle_sha256": served.sha256,
            "cohort": bundle.cohort,
            "simulated": bundle.simulated,
            "approval_as_of": review.as_of or "",
        },
    }
    probability = np.ascontiguousarray(answers.probability_sensitive, dtype="<f8")
    codes = np.ascontiguousarray(answers.set_codes, dtype=np.int8)
    return Frame(header, probability.tobytes() + codes.tobytes())
