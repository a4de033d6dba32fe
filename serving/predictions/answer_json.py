"""Predictions as JSON: one record a sample and drug, and what goes with all of them once."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from features.coverage import GeneCoverage
from models.compiled.answers import GeneReport
from serving.predictions.record_bytes import prediction_bytes

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.reviews.answered import Review

MEDIA_TYPE = "application/json"
ENCODED = 64  # of what goes with lists of genes, some of which hold thousands


def predictions_json(answers: CompiledAnswers, served: ServedBundle, review: Review) -> bytes:
    """Encode answers as the body of a response."""
    return orjson.dumps(
        {
            "bundle": bundle_fragment(served),
            "level": answers.level,
            "alignment": answers.alignment,
            "gene_coverage": coverage_fragment(answers.coverage),
            "genes": _encoded_report(_ByIdentity(answers.gene_report)),
            "samples": sample_records(answers),
            "warnings": answers.notes,
            "reviews": review.to_json(),
            "predictions": orjson.Fragment(prediction_bytes(answers, review.marks)),
        }
    )


def sample_records(answers: CompiledAnswers) -> list[dict[str, Any]]:
    """Say of each sample what holds whatever the drug."""
    training = frozenset(answers.training_lines)
    return [
        {
            "sample_id": sample,
            "domain_percentile": percentile,
            "lineage_used": lineage,
            "is_training_line": sample in training,
        }
        for sample, percentile, lineage in zip(
            answers.sample_ids, _percentiles(answers), answers.lineage_used, strict=True
        )
    ]


@lru_cache(maxsize=8)
def bundle_fragment(served: ServedBundle) -> orjson.Fragment:
    """Encode what answered once for a bundle."""
    bundle: Any = served.bundle
    return orjson.Fragment(
        orjson.dumps(
            {
                "name": bundle.name,
                "version": served.version,
                "sha256": served.sha256,
                "cohort": bundle.cohort,
                "simulated": bundle.simulated,
            }
        )
    )


def coverage_json(coverage: GeneCoverage) -> dict[str, Any]:
    """Genes of the panel that were there, and what stood in for the others."""
    return {
        "fraction": coverage.fraction,
        "matched": coverage.matched,
        "missing": coverage.missing,
        "replaced": coverage.replaced,
    }


def coverage_fragment(coverage: GeneCoverage) -> orjson.Fragment:
    """Encode `coverage_json` once for the object, which stays the same for the same genes."""
    return _encoded_coverage(_ByIdentity(coverage))


class _ByIdentity:
    """What goes with a list of genes, compared as the object that it is."""

    __slots__ = ("content",)

    def __init__(self, content: GeneCoverage | GeneReport) -> None:
        self.content = content

    def __hash__(self) -> int:
        return id(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.content is self.content


@lru_cache(maxsize=ENCODED)
def _encoded_coverage(key: _ByIdentity) -> orjson.Fragment:
    assert isinstance(key.content, GeneCoverage)  # noqa: S101 - narrows the type
    return orjson.Fragment(orjson.dumps(coverage_json(key.content)))


@lru_cache(maxsize=ENCODED)
def _encoded_report(key: _ByIdentity) -> orjson.Fragment:
    report = key.content
    assert isinstance(report, GeneReport)  # noqa: S101 - narrows the type
    content = {
        "id_type": report.id_type,
        "renamed": report.renamed,
        "n_unknown": len(report.unknown),
        "ambiguous": report.ambiguous,
        "duplicated": report.duplicated,
    }
    return orjson.Fragment(orjson.dumps(content))


def _percentiles(answers: CompiledAnswers) -> list[float | None]:
    """Percentiles as JSON has them: null where the bundle does not know its training lines."""
    return [None if math.isnan(one) else one for one in answers.domain_percentile.tolist()]
