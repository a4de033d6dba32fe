"""The content of a report as data: what `GET /v1/reports/{drug}` answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.claim_table import Claim
from models.bundle import Bundle
from models.cards.figures import Reading
from models.cards.sentences import verdict_sentences
from models.reports.content import (
    ClaimRow,
    Drivers,
    DrugReport,
    Entry,
    Interactions,
    LineageRow,
    LineageView,
    LineAtAnEnd,
    Missing,
)
from models.reports.families import FAMILY_NAMES
from models.reports.report_words import in_short

SCHEMA_VERSION = 1
NO_IDS: Mapping[str, str | None] = {"entrez": None, "ensembl": None}
DIGITS = 5
"""Of log-odds, z and probabilities; the evidence card keeps all of its own."""


def report_record(report: DrugReport, bundle: Bundle) -> dict[str, Any]:
    """Write a report as JSON has it; whatever a bundle does not allow is null, and says why.

    Parameters
    ----------
    bundle
        The one that the report is of, for the public ids of its genes.
    """
    drivers = None if isinstance(report.drivers, Missing) else report.drivers
    view = None if isinstance(report.lineages, Missing) else report.lineages
    interactions = None if isinstance(report.interactions, Missing) else report.interactions
    return {
        "schema_version": SCHEMA_VERSION,
        "drug": report.drug,
        "cohort": report.cohort,
        "simulated": report.simulated,
        "bundle": {
            "version": report.version,
            "sha256": report.bundle_sha256,
            "created_at": report.created_at or None,
        },
        "verdict": _verdict(report),
        "evidence_card": report.card,
        "estimator": report.estimator,
        "panel": {
            "n_held": report.panel.n_held,
            "n_genes": report.panel.n_panel,
            "missing": list(report.panel.missing),
            "left_out": [{"feature": name, "reason": why} for name, why in report.panel.left_out],
        },
        "drivers": None if drivers is None else _drivers(drivers, bundle),
        "interactions": None if interactions is None else _interactions(interactions),
        "claims": [_claim(row) for row in report.claims],
        "claims_source": report.claims_source,
        "lineages": None if view is None else _lineages(view),
        "limits": list(report.limits),
        "methods": [{"heading": heading, "text": text} for heading, text in report.methods],
        "provenance": [{"what": what, "value": value} for what, value in report.provenance],
        "citation": list(report.citation),
        "missing": list(report.missing),
    }


def _verdict(report: DrugReport) -> dict[str, Any]:
    *sentences, reason = verdict_sentences(report.card)
    return {
        "status": report.status,
        "sentences": sentences,
        "reason": reason,
        "in_short": in_short(report),
    }


def _drivers(drivers: Drivers, bundle: Bundle) -> dict[str, Any]:
    patients = {name: at for at, name in enumerate(dict.fromkeys(drivers.patients))}
    labels = drivers.is_sensitive
    ids = _public_ids(bundle, [entry.name for entry in drivers.genes_alone])
    return {
        "is_linear": drivers.is_linear,
        "base_log_odds": _number(drivers.base_log_odds),
        "n_patients": drivers.n_patients,
        "n_draws": drivers.n_draws,
        "lines": {
            "name": list(drivers.samples),
            "lineage": list(drivers.lineage),
            "patient": [patients[name] for name in drivers.patients],
            "is_sensitive": None if labels is None else labels.tolist(),
            "probability": None if drivers.probability is None else _rounded(drivers.probability),
        },
        "genes": [_entry(one, ids.get(one.name, NO_IDS)) for one in drivers.genes],
        "sets": [_entry(one, NO_IDS) for one in drivers.sets],
    }


def _entry(entry: Entry, ids: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "family": None if entry.family is None else FAMILY_NAMES[entry.family],
        "sets": list(entry.sets),
        "n_genes": entry.n_genes,
        **ids,
        "mean_size": _reading(entry.mean_size),
        "total_size": None if entry.total_size is None else _reading(entry.total_size),
        "share": _number(entry.share),
        "direction": entry.direction,
        "log_odds_per_sd": _number(entry.log_odds_per_sd),
        "expected": entry.expected,
        "context": entry.context,
        "agreeing": [claim.claim_id for claim in entry.agreeing],
        "opposing": [claim.claim_id for claim in entry.opposing],
        "attribution": _rounded(entry.attribution),
        "z": _rounded(entry.value) if np.isfinite(entry.value).all() else None,
    }


def _public_ids(bundle: Bundle, genes: list[str]) -> dict[str, dict[str, str | None]]:
    """Gene -> its public ids, as the bundle keeps them."""
    records = bundle.symbols.records_of(genes)
    return {one.symbol: {"entrez": one.entrez, "ensembl": one.ensembl} for one in records}


def _interactions(found: Interactions) -> dict[str, Any]:
    return {
        "is_linear": found.is_linear,
        "share": _number(found.share),
        "pairs": [
            {"first": one.first, "second": one.second, "mean_size": _number(one.mean_size)}
            for one in found.pairs
        ],
    }


def _claim(row: ClaimRow) -> dict[str, Any]:
    claim = row.claim
    return {
        "claim_id": claim.claim_id,
        "subject": claim.subject or claim.agent,
        "gene": claim.gene,
        "drug": claim.drug,
        "drug_class": claim.drug_class,
        "cancer": claim.cancer,
        "direction_when_high": claim.direction_when_high,
        "statement": claim.statement,
        "source": _source(claim),
        "verdict": row.verdict,
        "reason": row.reason,
        "correlation": _reading(row.correlation) if row.correlation.known else None,
        "n_lines": row.n_lines,
        "q_value": _number(row.q_value),
        "classifier": row.leaning,
    }


def _source(claim: Claim) -> str:
    place = f"{claim.source_file.removesuffix('.txt')} {claim.section}"
    return place if claim.reference is None else f"{place}: {claim.reference}"


def _lineages(view: LineageView) -> dict[str, Any]:
    return {
        "fewest_lines": view.fewest,
        "rows": [_lineage(row) for row in view.rows],
        "highest": [_at_an_end(line) for line in view.highest],
        "lowest": [_at_an_end(line) for line in view.lowest],
    }


def _lineage(row: LineageRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "n_lines": row.n_lines,
        "n_sensitive": row.n_sensitive,
        "sensitive": _reading(row.sensitive),
        "promised": _number(row.promised),
        "lineage_log_odds": _number(row.lineage_log_odds),
        "gene_log_odds": _number(row.gene_log_odds),
    }


def _at_an_end(line: LineAtAnEnd) -> dict[str, Any]:
    return {
        "name": line.sample,
        "lineage": line.lineage,
        "probability": _number(line.probability),
        "is_sensitive": line.is_sensitive,
    }


def _reading(reading: Reading) -> dict[str, float | None]:
    return {name: _number(getattr(reading, name)) for name in ("value", "low", "high")}


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)


def _rounded(values: NDArray[np.float64]) -> list[float]:
    rounded: list[float] = np.round(np.asarray(values, dtype=np.float64), DIGITS).tolist()
    return rounded
