"""Predictions as CSV, the columns of `cupromark predict`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from models.conformal import CONFORMAL_SETS, LABELS

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.reviews.answered import Review

MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "sample_id",
    "drug",
    "probability_sensitive",
    "label",
    "status",
    "conformal_set",
    "domain_percentile",
    "gene_coverage",
    "n_genes_missing",
    "alignment",
    "lineage_used",
    "bundle_version",
    "bundle_sha256",
    "cohort",
    "simulated",
    "approval",
    "approval_limits",
    "approval_as_of",
)


def predictions_csv(answers: CompiledAnswers, served: ServedBundle, review: Review) -> bytes:
    """Encode answers as CSV, one row a sample and drug; warnings have no place in it."""
    return csv_bytes(COLUMNS, prediction_rows(answers, served, review))


def prediction_rows(
    answers: CompiledAnswers, served: ServedBundle, review: Review
) -> Iterator[tuple[Any, ...]]:
    """One row a sample and drug, in the order of `COLUMNS`."""
    bundle: Any = served.bundle
    coverage = (answers.coverage.fraction, len(answers.coverage.missing), answers.alignment)
    of_all = (bundle.name, served.sha256, bundle.cohort, bundle.simulated)
    of_drugs = zip(review.marks.states, review.marks.limit_texts, strict=True)
    approvals = [(*one, review.as_of or "") for one in of_drugs]
    for at, sample in enumerate(answers.sample_ids):
        percentile, lineage = float(answers.domain_percentile[at]), answers.lineage_used[at]
        row, codes = answers.probability_sensitive[at].tolist(), answers.set_codes[at].tolist()
        for drug, status, probability, code, approval in zip(
            answers.drugs, answers.statuses, row, codes, approvals, strict=True
        ):
            called = (LABELS[code], status, CONFORMAL_SETS[code], percentile)
            yield (sample, drug, probability, *called, *coverage, lineage, *of_all, *approval)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Encode rows as CSV; text that a spreadsheet would take for a formula gets a quote before."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        cell = f"'{cell}"
    if isinstance(cell, float) and cell != cell:
        return ""
    # A bare carriage return would end the row for many readers, and csv does not quote it.
    return cell.replace("\r", " ") if isinstance(cell, str) else cell
