"""Joining: which sample of the expression is which of the response, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from training.errors import JoiningError
from training.response import Response

DROPPED_COLUMNS = ("side", "id", "reason")

_REPEATED = "the same model or patient as another row"
_NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class JoiningReport:
    """How expression and response were joined.

    Attributes
    ----------
    dropped
        DataFrame of every row that did not join: side ("expression" or "response"), id, reason.
    steps
        Sentences in the order in which things were done.
    """

    method: str
    n_expression: int
    n_response: int
    n_joined: int
    dropped: pd.DataFrame
    steps: tuple[str, ...]

    def reasons(self) -> pd.DataFrame:
        """Count of the dropped rows by side and reason."""
        plain = self.dropped.assign(reason=self.dropped["reason"].str.split(": ").str[0])
        return plain.groupby(["side", "reason"]).size().reset_index(name="n")


@dataclass(frozen=True, slots=True)
class Joined:
    """Samples of a cohort, in the order of the expression, and what is known of them.

    `lineage` and `split_group` are indexed by sample.
    """

    samples: list[str]
    response: Response | None
    lineage: pd.Series[str]
    split_group: pd.Series[str]
    report: JoiningReport


@dataclass(frozen=True, slots=True)
class Identified:
    """Rows of one side that were recognised: key of each, and why the others were not."""

    keys: Mapping[str, str]
    reasons: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of expression sample and response row, and the rows that have no partner."""

    pairs: dict[str, str]
    dropped: pd.DataFrame
    repeated: tuple[str, ...]


def pair(expression: Identified, response: Identified) -> Pairing:
    """Pair the rows of both sides that have the same key.

    Of several rows of a side with one key the first is taken and the others are dropped by name.

    Raises
    ------
    JoiningError
        No row of the one side has a partner on the other.
    """
    samples, repeated_samples = _first_by_key(expression.keys)
    rows, repeated_rows = _first_by_key(response.keys)
    pairs = {sample: rows[key] for key, sample in samples.items() if key in rows}
    if not pairs:
        raise _nothing_joins(expression, response)
    alone = [("expression", s, "no response") for key, s in samples.items() if key not in rows]
    alone += [("response", r, "no expression") for key, r in rows.items() if key not in samples]
    listed = [
        *(("expression", name, reason) for name, reason in expression.reasons.items()),
        *(("expression", name, f"{_REPEATED}: {kept}") for name, kept in repeated_samples.items()),
        *(("response", name, reason) for name, reason in response.reasons.items()),
        *(("response", name, f"{_REPEATED}: {kept}") for name, kept in repeated_rows.items()),
        *alone,
    ]
    repeated = [f"{name} = {kept}" for name, kept in (repeated_samples | repeated_rows).items()]
    return Pairing(pairs, pd.DataFrame(listed, columns=list(DROPPED_COLUMNS)), tuple(repeated))


def report_pairing(
    pairing: Pairing,
    expression: Identified,
    response: Identified,
    method: str,
    steps: Sequence[str],
) -> JoiningReport:
    """Report of a pairing, with the counts in words."""
    n_expression = len(expression.keys) + len(expression.reasons)
    n_response = len(response.keys) + len(response.reasons)
    said = [*steps, *expression.steps, *response.steps]
    if pairing.repeated:
        more = len(pairing.repeated) - _NAMED_AT_MOST
        said.append(
            f"{len(pairing.repeated)} rows are the same model or patient as another one: "
            f"{', '.join(pairing.repeated[:_NAMED_AT_MOST])}"
            f"{f' and {more} more, listed as dropped' if more > 0 else ''}."
        )
    said.append(
        f"Joined by {method}: {len(pairing.pairs)} of {n_expression} samples with expression and "
        f"{n_response} with response."
    )
    return JoiningReport(
        method, n_expression, n_response, len(pairing.pairs), pairing.dropped, tuple(said)
    )


def response_of_samples(response: Response, pairs: Mapping[str, str]) -> Response:
    """Response with the rows named and ordered as the samples of the expression."""
    values = response.values.loc[list(pairs.values())]
    return Response(
        values=values.set_axis(pd.Index(list(pairs), name="sample"), axis=0),
        kind=response.kind,
        tested_range=response.tested_range,
        drugs=response.drugs,
    )


def sample_series(
    values: Sequence[str | None], samples: Sequence[str], name: str
) -> pd.Series[str]:
    """Text of each sample; what is missing is NA."""
    texts = [str(value) if pd.notna(value) else pd.NA for value in values]
    index = pd.Index(list(samples), name="sample")
    return pd.Series(texts, index=index, name=name, dtype=object)


def _first_by_key(keys: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    first: dict[str, str] = {}
    repeated: dict[str, str] = {}
    for name, key in keys.items():
        if key in first:
            repeated[name] = first[key]
        else:
            first[key] = name
    return first, repeated


def _nothing_joins(expression: Identified, response: Identified) -> JoiningError:
    def examples(side: Identified) -> str:
        return ", ".join([*side.keys, *side.reasons][:3]) or "nothing"

    return JoiningError(
        f"No sample has both expression ({examples(expression)}, ...) and response "
        f"({examples(response)}, ...).",
        needed="samples that both files hold, under ids that can be matched.",
        remedy="Check that the two files belong together and that their ids are of the same kind.",
    )
