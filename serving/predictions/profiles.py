"""Profiles of a JSON document, as one matrix with names.

Two forms: `profiles`, a list of objects with an id and the expression by gene; and `genes` with
`values`, a list of names and one row of numbers a sample, which is smaller and several times faster
to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from serving.errors import InvalidField, RequestTooLargeError
from serving.predictions.fields import text

if TYPE_CHECKING:
    from serving.settings import ServingSettings

LONGEST_NAME = 200
MANY_WRONG = 20  # places beyond these are not looked for
NUMBERS = frozenset({int, float})  # bool is a type of its own here
PROFILE_FIELDS = frozenset({"id", "expression", "covariates"})


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Samples x genes.

    Attributes
    ----------
    genes
        As the caller named them.
    values
        (n_samples, n_genes) finite; float64 from JSON, float32 from a file.
    sample_ids
        (n_samples,) unique names.
    lineage
        Of the samples that came with one.
    """

    genes: list[str]
    values: NDArray[np.floating[Any]]
    sample_ids: tuple[str, ...]
    lineage: Mapping[str, str] = field(default_factory=dict)


def read_profiles(
    document: Mapping[str, Any], settings: ServingSettings, wrong: list[InvalidField]
) -> Profiles | None:
    """Read either form; None where something is wrong, which is then in `wrong`.

    Raises
    ------
    RequestTooLargeError
        More profiles or genes than the limits allow.
    """
    by_column = "genes" in document or "values" in document
    if ("profiles" in document) == by_column:
        wrong.append(
            InvalidField("", "needs either `profiles`, or `genes` with `values`, and not both")
        )
        return None
    if by_column:
        return _read_columns(document, settings, wrong)
    if "ids" in document:
        wrong.append(InvalidField("/ids", "belongs to `genes` and `values`; profiles have an id"))
        return None
    return _read_objects(document["profiles"], settings, wrong)


def _read_columns(
    document: Mapping[str, Any], settings: ServingSettings, wrong: list[InvalidField]
) -> Profiles | None:
    genes, rows = document.get("genes"), document.get("values")
    if not isinstance(genes, list) or not genes:
        wrong.append(InvalidField("/genes", "must be a list of at least one name"))
    if not isinstance(rows, list) or not rows:
        wrong.append(InvalidField("/values", "must be a list of at least one row"))
    if not isinstance(genes, list) or not isinstance(rows, list) or wrong:
        return None
    refuse_too_many(len(rows), len(genes), settings)
    before = len(wrong)
    _check_genes(genes, wrong, at="/genes")
    ids = _sample_ids(document.get("ids"), len(rows), wrong)
    n_genes = len(genes)
    for at, row in enumerate(rows):
        _check_row(row, n_genes, f"/values/{at}", wrong)
        if len(wrong) >= MANY_WRONG:
            break
    if len(wrong) > before:
        return None
    return _matrix(genes, rows, ids, {}, wrong, "/values")


def _read_objects(
    profiles: object, settings: ServingSettings, wrong: list[InvalidField]
) -> Profiles | None:
    if not isinstance(profiles, list) or not profiles:
        wrong.append(InvalidField("/profiles", "must be a list of at least one profile"))
        return None
    before = len(wrong)
    for at, profile in enumerate(profiles):
        _check_profile(profile, f"/profiles/{at}", wrong)
        if len(wrong) >= before + MANY_WRONG:
            break
    if len(wrong) > before:
        return None
    genes = list(profiles[0]["expression"])
    refuse_too_many(len(profiles), max(len(one["expression"]) for one in profiles), settings)
    _check_genes(genes, wrong, at="/profiles/0/expression")
    rows = [_in_order(one["expression"], genes, at, wrong) for at, one in enumerate(profiles)]
    given = [_name_or_number(one.get("id"), at) for at, one in enumerate(profiles)]
    ids = _sample_ids(given, len(profiles), wrong, at="/profiles", name="/id")
    lineage = {
        str(sample): one["covariates"]["lineage"]
        for sample, one in zip(given, profiles, strict=True)
        if one.get("covariates") and one["covariates"].get("lineage") is not None
    }
    if len(wrong) > before:
        return None
    return _matrix(genes, rows, ids, lineage, wrong, "/profiles")


def _check_profile(profile: object, at: str, wrong: list[InvalidField]) -> None:
    if not isinstance(profile, dict):
        wrong.append(InvalidField(at, "must be an object with `id` and `expression`"))
        return
    if set(profile) - PROFILE_FIELDS:
        wrong.append(InvalidField(at, f"may hold only {', '.join(sorted(PROFILE_FIELDS))}"))
    expression = profile.get("expression")
    if not isinstance(expression, dict) or not expression:
        wrong.append(InvalidField(f"{at}/expression", "must be an object of numbers by gene"))
        return
    _check_row(list(expression.values()), len(expression), f"{at}/expression", wrong)
    covariates = profile.get("covariates")
    if covariates is not None and not _is_covariates(covariates):
        wrong.append(
            InvalidField(f"{at}/covariates", "must be an object that holds only `lineage`, a name")
        )


def _is_covariates(covariates: object) -> bool:
    if not isinstance(covariates, dict) or set(covariates) - {"lineage"}:
        return False
    lineage = covariates.get("lineage")
    return lineage is None or text(lineage, longest=LONGEST_NAME)


def _check_row(row: object, n_genes: int, at: str, wrong: list[InvalidField]) -> None:
    if not isinstance(row, list):
        wrong.append(InvalidField(at, "must be a list of numbers"))
    elif len(row) != n_genes:
        wrong.append(InvalidField(at, f"holds {len(row):,} numbers for {n_genes:,} genes"))
    elif not NUMBERS.issuperset(map(type, row)):
        n_wrong = sum(type(value) not in NUMBERS for value in row)
        wrong.append(InvalidField(at, f"holds {n_wrong:,} values that are not numbers"))


def _check_genes(genes: list[Any], wrong: list[InvalidField], *, at: str) -> None:
    if not {str}.issuperset(map(type, genes)):
        wrong.append(InvalidField(at, "must hold names, and nothing else"))
        return
    lengths = set(map(len, genes))
    if not 0 < min(lengths) <= max(lengths) <= LONGEST_NAME:
        wrong.append(InvalidField(at, f"must hold names of 1 to {LONGEST_NAME} characters"))


def _sample_ids(
    given: object, n_samples: int, wrong: list[InvalidField], *, at: str = "/ids", name: str = ""
) -> tuple[str, ...]:
    if given is None:
        return tuple(f"profile_{number}" for number in range(1, n_samples + 1))
    if not isinstance(given, list) or len(given) != n_samples:
        wrong.append(InvalidField(at, f"must be a list of {n_samples:,} names"))
        return ()
    bad = [number for number, one in enumerate(given) if not text(one, longest=LONGEST_NAME)]
    if bad:
        wrong += [
            InvalidField(f"{at}/{number}{name}", f"must be a name of 1 to {LONGEST_NAME} letters")
            for number in bad[:MANY_WRONG]
        ]
    elif len(set(given)) != n_samples:
        wrong.append(InvalidField(at, f"{n_samples - len(set(given)):,} ids occur more than once"))
    return tuple(str(one) for one in given)


def _name_or_number(name: object, at: int) -> object:
    return f"profile_{at + 1}" if name is None else name


def _in_order(
    expression: dict[str, Any], genes: list[str], at: int, wrong: list[InvalidField]
) -> list[Any]:
    """Values in the order of the first profile's genes."""
    if list(expression) == genes:
        return list(expression.values())
    if len(expression) != len(genes) or any(gene not in expression for gene in genes):
        wrong.append(
            InvalidField(
                f"/profiles/{at}/expression",
                "names other genes than the first profile: send profiles of other genes apart",
            )
        )
        return []
    return [expression[gene] for gene in genes]


def _matrix(
    genes: list[str],
    rows: list[list[Any]],
    ids: tuple[str, ...],
    lineage: dict[str, str],
    wrong: list[InvalidField],
    at: str,
) -> Profiles | None:
    try:
        return Profiles(genes, np.array(rows, dtype=np.float64), ids, lineage)
    except OverflowError:  # an integer of hundreds of digits, which is JSON all the same
        wrong.append(InvalidField(at, "holds numbers beyond what a double can hold"))
        return None


def refuse_too_many(n_profiles: int, n_genes: int, settings: ServingSettings) -> None:
    """Raise RequestTooLargeError where there are more profiles or genes than the limits allow."""
    for number, most, what in (
        (n_profiles, settings.max_profiles, "profiles"),
        (n_genes, settings.max_genes, "genes"),
    ):
        if number > most:
            raise RequestTooLargeError(
                f"{number:,} {what}.",
                needed=f"at most {most:,} {what} in one request.",
                remedy="send them in several requests, or use `cupromark predict` on a file.",
            )
