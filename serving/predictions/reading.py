"""Answers about a file: what its reader found takes the place of what was found here."""

from __future__ import annotations

from dataclasses import replace

from features.expression import ReadingReport
from models.compiled.answers import CompiledAnswers, GeneReport


def with_reading(answers: CompiledAnswers, reading: ReadingReport) -> CompiledAnswers:
    """Say first what was done to the file; names of genes are as they stood in it."""
    return replace(
        answers,
        notes=(*reading.steps, *answers.notes),
        gene_report=GeneReport(
            id_type=reading.id_type,
            n_genes=reading.n_genes,
            renamed=reading.renamed,
            unknown=reading.unknown,
            ambiguous=reading.ambiguous,
            duplicated=reading.duplicated,
        ),
    )
