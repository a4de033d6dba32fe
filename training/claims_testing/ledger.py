"""The ledger of tested claims: a row a claim, as a table, as JSON."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.claim_table import Claim
from training.claims_testing.attribution import NO_BUNDLE, AttributionSign
from training.claims_testing.measurement import Measurement
from training.claims_testing.question import Question
from training.claims_testing.verdict import NOT_TESTABLE, VERDICTS
from training.errors import TrainingError
from training.evidence.figures import NotEstimable
from training.metrics import Interval

COLUMNS = (
    *("claim_id", "gene", "process", "change", "cancer", "drug", "drug_class", "effect"),
    *("direction_when_high", "drugs_tested", "genes_tested", "n_set_genes", "n_lines"),
    *("effect_size", "effect_size_low", "effect_size_high"),
    *("within_lineage", "within_lineage_low", "within_lineage_high"),
    *("cancer_lineages", "cancer_n_lines", "in_cancer", "in_cancer_low", "in_cancer_high"),
    *("p_value", "q_value", "verdict", "source", "reference", "statement"),
    *("attribution_sign", "attribution_agrees"),
    *("attribution_log_odds", "attribution_log_odds_low", "attribution_log_odds_high"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A claim and what the cohort says of it.

    Attributes
    ----------
    question
        What was measured; None where nothing could be asked.
    measurement
        Over all lines; the reason where there is none.
    in_cancer
        Over the lines of the cancer that the claim names alone; the reason where there is none.
    cancer_lineages
        The lineages that stand for that cancer.
    q_value
        Benjamini-Hochberg over the distinct measurements of the ledger.
    verdict
        `supported`, `contradicted`, `inconclusive`, or `not testable: reason`.
    attribution
        Which way the classifiers of a bundle lean on the same genes; the reason where that cannot
        be said.
    """

    claim: Claim
    question: Question | None
    measurement: Measurement | NotEstimable
    in_cancer: Measurement | NotEstimable
    cancer_lineages: tuple[str, ...]
    q_value: float | None
    verdict: str
    attribution: AttributionSign | NotEstimable = NO_BUNDLE

    @property
    def is_tested(self) -> bool:
        """Whether there is a measurement."""
        return isinstance(self.measurement, Measurement)

    @property
    def verdict_word(self) -> str:
        """The verdict without its reason."""
        return self.verdict.partition(":")[0]

    def to_json(self) -> dict[str, Any]:
        """Everything by the names of `COLUMNS`; lists stay lists, what is missing is null."""
        claim, asked = self.claim, self.question
        names = ("claim_id", "gene", "process", "change", "cancer", "drug", "drug_class", "effect")
        measured = self.measurement if isinstance(self.measurement, Measurement) else None
        return {
            **{name: getattr(claim, name) for name in names},
            "direction_when_high": claim.direction_when_high,
            "drugs_tested": list(measured.drugs) if measured else [],
            "genes_tested": list(asked.genes) if asked and measured else [],
            "n_set_genes": asked.n_set_genes if asked and measured else None,
            "n_lines": measured.n_lines if measured else None,
            **_bounds("effect_size", measured.effect_size if measured else None),
            **_bounds("within_lineage", measured.within_lineage if measured else None),
            **self._cancer_json(),
            "p_value": measured.p_value if measured else None,
            "q_value": self.q_value,
            "verdict": self.verdict,
            "source": claim.source,
            "reference": claim.reference,
            "statement": claim.statement,
            **self._attribution_json(),
        }

    def _attribution_json(self) -> dict[str, Any]:
        name, found = "attribution_log_odds", self.attribution
        if isinstance(found, NotEstimable):
            said = {"attribution_sign": str(found), "attribution_agrees": str(found)}
            return {**said, **_bounds(name, None)}
        interval = None if isinstance(found.interval, NotEstimable) else found.interval
        return {
            "attribution_sign": found.direction,
            "attribution_agrees": found.agrees_with(self.claim.direction_when_high),
            **_bounds(name, interval),
            name: found.log_odds_per_sd,
        }

    def _cancer_json(self) -> dict[str, Any]:
        found = {"cancer_lineages": list(self.cancer_lineages)}
        if isinstance(self.in_cancer, Measurement):
            figure = _bounds("in_cancer", self.in_cancer.within_lineage)
            return {**found, "cancer_n_lines": self.in_cancer.n_lines, **figure}
        figure = _bounds("in_cancer", None)
        said = str(self.in_cancer) if self.is_tested and self.claim.cancer else None
        return {**found, "cancer_n_lines": None, **figure, "in_cancer": said}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Claims tested on one cohort.

    Attributes
    ----------
    rows
        One a claim, in the order of the claims.
    n_bootstrap, random_state
        Draws of split groups behind the intervals, and their seed.
    simulated
        True when nothing of the cohort was ever measured.
    """

    cohort: str
    rows: tuple[LedgerRow, ...]
    n_bootstrap: int
    random_state: int
    simulated: bool = False

    def counts(self) -> dict[str, int]:
        """How many claims have each verdict; every verdict is there, also with none."""
        found = Counter(row.verdict_word for row in self.rows)
        return {verdict: found[verdict] for verdict in (*VERDICTS, NOT_TESTABLE)}

    def tested(self) -> tuple[LedgerRow, ...]:
        """Rows with a measurement."""
        return tuple(row for row in self.rows if row.is_tested)

    def measurements(self) -> dict[Question, tuple[LedgerRow, ...]]:
        """Rows by what was measured; claims about the same subject and drugs share it."""
        found: dict[Question, tuple[LedgerRow, ...]] = {}
        for row in self.tested():
            if row.question is not None:
                found[row.question] = (*found.get(row.question, ()), row)
        return found

    def to_json(self) -> dict[str, Any]:
        """Cohort, settings, counts and rows, free of NaN."""
        return {
            "cohort": self.cohort,
            "simulated": self.simulated,
            "n_bootstrap": self.n_bootstrap,
            "random_state": self.random_state,
            "counts": self.counts(),
            "n_measurements": len(self.measurements()),
            "claims": [row.to_json() for row in self.rows],
        }

    def to_csv(self, path: Path | str) -> None:
        """Write the columns `COLUMNS`, a row a claim.

        Lists are joined by "; ". A text that a spreadsheet would take for a formula is led by an
        apostrophe.

        Raises
        ------
        TrainingError
            The file cannot be written.
        """
        try:
            with Path(path).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("cohort", *COLUMNS))
                writer.writerows(self._lines())
        except OSError as error:
            raise TrainingError(
                f"{path} cannot be written: {error.strerror or error}.",
                needed="a folder that exists and may be written to.",
                remedy="Check the path, its permissions and the free space.",
            ) from error

    def _lines(self) -> Iterator[list[str]]:
        for row in self.rows:
            values = row.to_json()
            yield [_cell(self.cohort), *(_cell(values[column]) for column in COLUMNS)]


def _bounds(name: str, interval: Interval | None) -> dict[str, Any]:
    if interval is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int):
        return str(value)
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
