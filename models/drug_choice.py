"""Which drugs of a bundle a question asks for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from features.gene_values import named
from models.bundle import Bundle
from models.drug_model import DrugModel
from models.errors import PredictionError


def choose_drugs(
    bundle: Bundle, drugs: Sequence[str] | None
) -> tuple[list[DrugModel], tuple[str, ...]]:
    """Pick the classifiers that answer, and say in a sentence which were left out.

    None asks for every drug whose status is not withheld. A name asks for its drug whatever the
    status; upper and lower case matter only where they tell two drugs apart.

    Raises
    ------
    PredictionError
        An unknown drug, with close matches; an empty list; or None where all are withheld.
    """
    if drugs is not None:
        return [bundle.drugs[name] for name in _resolve_drugs(bundle, drugs)], ()
    answered = [model for model in bundle.drugs.values() if model.status != "withheld"]
    withheld = [model.drug for model in bundle.drugs.values() if model.status == "withheld"]
    if not answered:
        raise PredictionError(
            f"All {len(withheld)} drugs of bundle {bundle.name} are withheld: the evidence does "
            f"not carry an answer. They are {named(withheld)}.",
            needed="at least one drug with the status supported or exploratory.",
            remedy="ask for a withheld drug by name, and read its evidence card first.",
        )
    return answered, note_left_out(len(withheld))


def note_left_out(n_withheld: int) -> tuple[str, ...]:
    """Say that drugs were left out because their evidence is withheld; nothing where none was."""
    if not n_withheld:
        return ()
    return (f"{n_withheld} withheld drugs were left out; ask for one by name to see it.",)


def _resolve_drugs(bundle: Bundle, drugs: Sequence[str]) -> list[str]:
    if isinstance(drugs, str):
        drugs = [drugs]
    by_folded: dict[str, list[str]] = {}
    for name in bundle.drugs:
        by_folded.setdefault(name.casefold(), []).append(name)
    found = {}
    for asked in drugs:
        folded = by_folded.get(asked.casefold(), [])
        if asked in bundle.drugs:
            found[asked] = True
        elif len(folded) == 1:
            found[folded[0]] = True
        else:
            raise _unknown_drug(bundle, asked, by_folded)
    if not found:
        raise PredictionError(
            "An empty list of drugs.",
            needed="at least one name, or no list at all.",
            remedy="leave the drugs out to ask for all that are not withheld.",
        )
    return list(found)


def _unknown_drug(bundle: Bundle, asked: str, by_folded: dict[str, list[str]]) -> PredictionError:
    close = difflib.get_close_matches(asked.casefold(), by_folded, n=5, cutoff=0.5)
    names = [name for folded in close for name in by_folded[folded]]
    some = named(list(bundle.drugs))
    return PredictionError(
        f"Bundle {bundle.name} knows no drug called {asked!r}.",
        needed=f"one of its {len(bundle.drugs)} drugs: {some}.",
        remedy=f"did you mean {' or '.join(names)}?" if names else "list the drugs of the bundle.",
    )
