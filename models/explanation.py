"""Why a bundle answers what it answers: attributions, claims and the nearest training lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.claims import Claim, load_claims
from features.expression import Expression
from features.gene_sets import Direction
from models.attribution import Attributions, Attributor, Grouping
from models.bundle import Bundle
from models.claim_matches import ClaimMatches
from models.errors import AttributionError
from models.placement import nearest_lines, panel_z
from models.prediction import Predictions, predict
from models.prediction_notes import Alignment

TOP = 10
FAR_Z = 5.0  # among 150 genes of 250 lines like those of the cohort, next to none
FAR_SHARE = 0.01
ANSWER_COLUMNS = (
    *("sample_id", "drug", "probability_sensitive", "label", "status", "gene_coverage"),
    *("domain_percentile", "lineage_used", "cohort", "simulated", "bundle_version"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Explanations:
    """Answers taken apart.

    Attributes
    ----------
    table
        One row an entry, the weightiest first. Columns: sample_id, drug, rank, name, kind (gene,
        set, balance, lineage, proliferation), attribution_log_odds (above 0 speaks for
        sensitive), value_z (standard deviations from the training mean; NaN for lineage),
        direction (what higher expression goes with here), claims_agreeing and claims_opposing
        (ids of claims about the drug or its class, parted by "; "); by set, total_log_odds too.
    answers
        One row a sample and drug: the columns `ANSWER_COLUMNS`, base_log_odds, log_odds (base
        plus all attributions, in the table or not) and residual (log_odds minus the logit of the
        probability).
    nearest
        One row a sample and near training line: sample_id, rank, training_line, lineage, distance
        (standard deviations a gene). Empty for a bundle that does not know its lines.
    by
        What the entries are.
    notes
        Sentences on what was done to the profiles, and on what was left out.
    """

    table: pd.DataFrame
    answers: pd.DataFrame
    nearest: pd.DataFrame
    by: Grouping
    notes: tuple[str, ...]


def explain(
    bundle: Bundle,
    expression: Expression,
    *,
    drugs: Sequence[str] | None = None,
    align: Alignment = "auto",
    level: float = 0.8,
    lineage: Mapping[str, str] | str | None = None,
    by: Grouping = "gene",
    top: int | None = TOP,
    claims: Iterable[Claim] | None = None,
) -> Explanations:
    """Answer profiles, and say what each answer rests on.

    Parameters
    ----------
    bundle, expression, drugs, align, level, lineage
        As for `models.prediction.predict`.
    by
        "gene", "set" or "feature": see `models.attribution.Attributor.attribute` for what a gene's
        attribution is where it reaches the answer through sets.
    top
        Entries a sample and drug, by size; None for all of them.
    claims
        Claims of the literature; those of the three reviews by default.

    Raises
    ------
    AttributionError
        The bundle is of format 1, or an explanation does not add up to its answer.
    PredictionError, CoverageError, GeneIdError, CellError, ScaleError
        As for `models.prediction.predict`.
    """
    if top is not None and top < 1:
        raise AttributionError(
            f"An explanation of {top} entries.",
            needed="at least one, or None for all.",
            remedy="ask for more entries.",
        )
    answered = predict(bundle, expression, drugs=drugs, align=align, level=level, lineage=lineage)
    asked = list(dict.fromkeys(answered.table["drug"]))
    attributions = Attributor.of(bundle, drugs=asked).attribute(answered.features, by=by)
    matches = _matches(asked, load_claims() if claims is None else claims)
    return Explanations(
        table=_table(attributions, expression.samples, matches, top),
        answers=_answers(answered, attributions),
        nearest=_nearest(bundle, expression.samples, answered.features),
        by=by,
        notes=(*answered.notes, *_note_far_values(bundle, answered.features)),
    )


def observed_direction(log_odds: float, value_z: float) -> Direction | None:
    """Tell what higher expression goes with, by what was made of a value away from the mean."""
    product = log_odds * value_z
    if not np.isfinite(product) or product == 0:
        return None
    return "sensitivity" if product > 0 else "resistance"


def _note_far_values(bundle: Bundle, features: NDArray[np.float64]) -> tuple[str, ...]:
    """Warn of genes so far from the training cohort that a platform speaks, not biology."""
    z = panel_z(bundle, features) if "genes" in bundle.features.levels else features[:, :0]
    share = float((np.abs(z) > FAR_Z).mean()) if z.size else 0.0
    if share <= FAR_SHARE:
        return ()
    return (
        f"{share:.0%} of the panel genes' values lie more than {FAR_Z:g} standard deviations from "
        "the training mean, as happens between platforms: attributions of such genes say more "
        "about the platform than about the sample.",
    )


def _matches(drugs: Sequence[str], claims: Iterable[Claim]) -> list[ClaimMatches]:
    listed = tuple(claims)
    return [ClaimMatches.of(drug, listed) for drug in drugs]


def _table(
    attributions: Attributions,
    samples: Sequence[str],
    matches: Sequence[ClaimMatches],
    top: int | None,
) -> pd.DataFrame:
    n_samples, n_drugs, n_entries = attributions.log_odds.shape
    shown = n_entries if top is None else min(top, n_entries)
    order = np.argsort(-np.abs(attributions.log_odds), axis=2, kind="stable")[:, :, :shown]
    places = order.ravel()
    log_odds = np.take_along_axis(attributions.log_odds, order, axis=2).ravel()
    sample_of = np.repeat(np.arange(n_samples), n_drugs * shown)
    values = attributions.values[sample_of, places]
    drug_of = np.tile(np.repeat(np.arange(n_drugs), shown), n_samples)
    table = pd.DataFrame(
        {
            "sample_id": np.array(samples, dtype=object)[sample_of],
            "drug": np.array(attributions.drugs, dtype=object)[drug_of],
            "rank": np.tile(np.arange(1, shown + 1), n_samples * n_drugs),
            "name": np.array(attributions.names, dtype=object)[places],
            "kind": np.array([_kind(n, attributions.by) for n in attributions.names], dtype=object)[
                places
            ],
            "attribution_log_odds": log_odds,
            "value_z": values,
        }
    )
    if attributions.set_totals is not None:
        table["total_log_odds"] = np.take_along_axis(attributions.set_totals, order, axis=2).ravel()
    directions = [observed_direction(*pair) for pair in zip(log_odds, values, strict=True)]
    table["direction"] = np.array(directions, dtype=object)
    return table.assign(**_claims(attributions.names, places, drug_of, directions, matches))


def _claims(
    names: Sequence[str],
    places: NDArray[np.int64],
    drug_of: NDArray[np.int64],
    directions: Sequence[Direction | None],
    matches: Sequence[ClaimMatches],
) -> dict[str, list[str]]:
    """Ids of the claims that agree, and of those that oppose, an entry a row."""
    found: dict[tuple[int, int, Direction | None], tuple[str, str]] = {}
    rows = list(zip(drug_of.tolist(), places.tolist(), directions, strict=True))
    for drug, place, direction in dict.fromkeys(rows):
        agreement = matches[drug].compare(names[place], direction)
        found[drug, place, direction] = (_ids(agreement.agreeing), _ids(agreement.opposing))
    return {
        "claims_agreeing": [found[row][0] for row in rows],
        "claims_opposing": [found[row][1] for row in rows],
    }


def _ids(claims: Iterable[Claim]) -> str:
    return "; ".join(claim.claim_id for claim in claims)


def _kind(name: str, by: Grouping) -> str:
    if name in ("lineage", "proliferation"):
        return name
    if by != "feature":
        return by
    kind, _, which = name.partition(":")
    return which if kind == "covariate" else kind


def _answers(answered: Predictions, attributions: Attributions) -> pd.DataFrame:
    answers = answered.table[list(ANSWER_COLUMNS)].copy()
    n_samples = len(attributions.log_odds)
    answers["base_log_odds"] = np.tile(attributions.base_log_odds, n_samples)
    sums = attributions.base_log_odds + attributions.log_odds.sum(axis=2)
    answers["log_odds"] = sums.ravel()
    answers["residual"] = attributions.residual.ravel()
    return answers


def _nearest(bundle: Bundle, samples: Sequence[str], features: NDArray[np.float64]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "sample_id": sample,
            "rank": rank,
            "training_line": line.sample,
            "lineage": line.lineage,
            "distance": line.distance,
        }
        for sample, lines in zip(samples, nearest_lines(bundle, features), strict=True)
        for rank, line in enumerate(lines, start=1)
    ]
    columns = ["sample_id", "rank", "training_line", "lineage", "distance"]
    return pd.DataFrame(rows, columns=columns)
