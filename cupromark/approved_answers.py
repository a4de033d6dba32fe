"""Answers without a service, held to the approvals of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.prediction import Predictions

Approvals = Annotated[
    Path | None,
    typer.Option(
        help="JSON of `cupromark reviews export` about this bundle: rejected drugs are left out, "
        "and columns say where the others stand. Without it, nothing is known of reviews."
    ),
]
Ask = Callable[[Sequence[str] | None], "Predictions"]


def held_to(
    approvals: Path | None, bundle: Bundle, drugs: Sequence[str] | None, ask: Ask
) -> Predictions:
    """Ask for the drugs that reviews let be answered, and say where these stand.

    Parameters
    ----------
    approvals
        File of an export; None where nothing is known of reviews.
    drugs
        Names that were asked for; None for all whose evidence is not withheld.
    ask
        Answers for some drugs.

    Raises
    ------
    ApprovalsFileError
        The file cannot be used, or is about another bundle.
    PredictionError
        Every drug that was asked for is rejected.
    """
    if approvals is None:
        return ask(drugs)
    from models.drug_choice import choose_drugs
    from serving.reviews.approvals_file import read_approvals
    from serving.reviews.standing import refuse_none_left

    standing = read_approvals(approvals).standing(bundle)
    known = None if drugs is None else [model.drug for model in choose_drugs(bundle, drugs)[0]]
    choice = standing.choose(known)
    refuse_none_left(choice)
    answers = ask(choice.drugs)
    marks = standing.marks(tuple(dict.fromkeys(answers.table["drug"])))
    columns = {"approval": marks.states, "approval_limits": marks.limit_texts}
    by_drug = {
        name: dict(zip(marks.drugs, values, strict=True)) for name, values in columns.items()
    }
    table = answers.table.assign(
        **{name: answers.table["drug"].map(of_drug) for name, of_drug in by_drug.items()}
    )
    return replace(answers, table=table, notes=(*answers.notes, *choice.notes))
