"""An explanation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from models.explanation import Explanations

MOST_CLAIMED = 4


def describe_explanation(
    explanations: Explanations, sample: str, drug: str, *, top: int | None = None
) -> list[str]:
    """Say in lines what one answer rests on: what speaks for sensitive, and what against.

    Parameters
    ----------
    top
        Entries to show of those in the table; None for all.

    Returns
    -------
    list of str
        The answer, its base value, the entries by their sign, the next ones of which something is
        claimed, how many entries of the table lean as the literature claims, and the training
        lines that the profile is nearest to.
    """
    answers, table = explanations.answers, explanations.table
    answer = answers[(answers["sample_id"] == sample) & (answers["drug"] == drug)].iloc[0]
    entries = table[(table["sample_id"] == sample) & (table["drug"] == drug)]
    shown = entries if top is None else entries.head(top)
    log_odds = shown["attribution_log_odds"]
    others = answer["log_odds"] - answer["base_log_odds"] - log_odds.sum()
    return [
        f"{sample}, {drug}: probability_sensitive {answer['probability_sensitive']:.2f} "
        f"({answer['label']}, {answer['status']})",
        f"  log-odds {answer['log_odds']:+.2f} = {answer['base_log_odds']:+.2f} of the cohort "
        f"{log_odds.sum():+.2f} of the {len(shown)} entries below {others:+.2f} of all others",
        *_side("speaks for sensitive", shown[log_odds > 0]),
        *_side("speaks for resistant", shown[log_odds < 0]),
        *_side(
            "with claims, further down", _claimed(entries.iloc[len(shown) :]).head(MOST_CLAIMED)
        ),
        *_tally(entries),
        *_near(explanations.nearest, sample),
    ]


def _side(title: str, entries: pd.DataFrame) -> Iterator[str]:
    if entries.empty:
        return
    yield f"  {title}"
    width = max(10, *(len(str(name)) for name in entries["name"]))
    for entry in entries.to_dict("records"):
        z = "" if pd.isna(entry["value_z"]) else f"z {entry['value_z']:+.1f}"
        line = f"    {entry['attribution_log_odds']:+.3f}  {entry['name']:<{width}}  {z:<7}"
        yield f"{line}  {_claims(entry['claims_agreeing'], entry['claims_opposing'])}".rstrip()


def _claims(agreeing: str, opposing: str) -> str:
    parts = [
        f"{word} {_counted(ids)}"
        for word, ids in (("agrees with", agreeing), ("against", opposing))
        if ids
    ]
    return ", ".join(parts)


def _counted(ids: str) -> str:
    first, *others = ids.split("; ")
    return first if not others else f"{first} and {len(others)} more"


def _claimed(entries: pd.DataFrame) -> pd.DataFrame:
    return entries[(entries["claims_agreeing"] != "") | (entries["claims_opposing"] != "")]


def _tally(entries: pd.DataFrame) -> Iterator[str]:
    agreeing, opposing = entries["claims_agreeing"] != "", entries["claims_opposing"] != ""
    if (agreeing | opposing).any():
        yield (
            f"  of {len(entries)} entries, {int((agreeing & ~opposing).sum())} lean as claims say, "
            f"{int((opposing & ~agreeing).sum())} the other way, "
            f"{int((agreeing & opposing).sum())} have claims of both kinds"
        )


def _near(nearest: pd.DataFrame, sample: str) -> Iterator[str]:
    lines = [
        f"{line['training_line']} ({line['lineage'] or 'lineage not known'}, "
        f"{line['distance']:.2f})"
        for line in nearest[nearest["sample_id"] == sample].to_dict("records")
    ]
    if lines:
        yield f"  nearest training lines: {', '.join(lines)}"
