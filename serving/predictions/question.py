"""What a caller asks: profiles, drugs and how to answer, read from a JSON document.

Read by hand rather than by a schema, because a schema looks at every number three times. The schema
of `serving.predictions.schemas` says the same for the OpenAPI file, and a test holds the two to
each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from features.alignment import AlignMethod
from features.expression import SCALES, ReadingReport, Scale
from serving.errors import InvalidField, InvalidRequestError, RequestTooLargeError
from serving.predictions.fields import Fields, all_text, escaped, invalid, text
from serving.predictions.profiles import Profiles, read_profiles

if TYPE_CHECKING:
    from serving.settings import ServingSettings

ALIGNMENTS = ("auto", *get_args(AlignMethod))
PROFILE_NAMES = ("profiles", "genes", "values", "ids")
NAMES = frozenset({"scale", "drugs", "level", "align", "covariates", *PROFILE_NAMES})
DEFAULT_LEVEL = 0.8
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes
    ----------
    profiles
        Names of genes and samples, and their values.
    scale
        What the values are.
    drugs
        Names; None for all that are not withheld.
    level
        Of the conformal sets, between 0 and 1.
    align
        How profiles are brought to the scale of the training cohort.
    lineage
        One lineage for all samples, or by sample; None where nothing was said.
    reading
        What was found in a file and done to it: values are log2 then, whatever their scale was.
        None for profiles that came as JSON.
    source
        What messages call the profiles.
    """

    profiles: Profiles
    scale: Scale
    drugs: tuple[str, ...] | None
    level: float
    align: str
    lineage: str | Mapping[str, str] | None
    reading: ReadingReport | None = None
    source: str = "the request"


def read_question(
    document: object, settings: ServingSettings, *, further: frozenset[str] = frozenset()
) -> Question:
    """Read a question from a parsed JSON document.

    Parameters
    ----------
    document
        What `parse_strict` gave.
    settings
        Limits on profiles, genes and drugs.
    further
        Names that the route takes beside those of a prediction.

    Raises
    ------
    InvalidRequestError
        A place is missing, unknown or wrong; every such place is named by its JSON pointer.
    RequestTooLargeError
        More profiles, genes or drugs than the limits allow.
    """
    if not isinstance(document, dict):
        raise invalid(InvalidField("", "must be an object"))
    wrong = [
        InvalidField(f"/{escaped(name)}", "is no field of this request")
        for name in document
        if name not in NAMES and name not in further
    ]
    fields = Fields(document, wrong)
    scale = fields.word("scale", SCALES, None)
    drugs = _drugs(document.get("drugs"), settings, wrong)
    level = fields.number("level", DEFAULT_LEVEL, above=0.0, below=1.0)
    align = fields.word("align", ALIGNMENTS, "auto")
    profiles = read_profiles(document, settings, wrong)
    lineage = read_lineage(document.get("covariates"), profiles, wrong)
    if wrong or profiles is None:
        raise invalid(*wrong)
    return Question(profiles, scale, drugs, level, align, lineage)  # type: ignore[arg-type]


def _drugs(
    given: object, settings: ServingSettings, wrong: list[InvalidField]
) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        wrong.append(InvalidField("/drugs", "must be a list of at least one name, or be left out"))
        return None
    if len(given) > settings.max_drugs:
        raise RequestTooLargeError(
            f"{len(given):,} drugs.",
            needed=f"at most {settings.max_drugs:,} in one request.",
            remedy="ask for fewer, or leave `drugs` out for all.",
        )
    if not all_text(given, longest=LONGEST_NAME):
        wrong += [
            InvalidField(f"/drugs/{at}", f"must be a name of 1 to {LONGEST_NAME} characters")
            for at, name in enumerate(given)
            if not text(name, longest=LONGEST_NAME)
        ]
    return tuple(given)


def read_lineage(
    covariates: object, profiles: Profiles | None, wrong: list[InvalidField]
) -> str | dict[str, str] | None:
    """Read lineages given for all or by sample; those of the profiles themselves go before."""
    own = dict(profiles.lineage) if profiles else {}
    if covariates is None:
        return own or None
    if not isinstance(covariates, dict) or set(covariates) - {"lineage"}:
        wrong.append(InvalidField("/covariates", "must be an object that holds only `lineage`"))
        return None
    lineage = covariates.get("lineage")
    if lineage is None:
        return own or None
    if isinstance(lineage, dict):
        return _by_sample(lineage, profiles, wrong) | own
    if not text(lineage, longest=LONGEST_NAME):
        wrong.append(
            InvalidField("/covariates/lineage", "must be a name, or an object of names by sample")
        )
        return None
    if profiles is None or not own:
        return str(lineage)
    return {sample: own.get(sample, str(lineage)) for sample in profiles.sample_ids}


def _by_sample(
    lineage: dict[str, Any], profiles: Profiles | None, wrong: list[InvalidField]
) -> dict[str, str]:
    known = frozenset(profiles.sample_ids) if profiles else frozenset()
    for sample, name in lineage.items():
        pointer = f"/covariates/lineage/{escaped(sample)}"
        if profiles is not None and sample not in known:
            wrong.append(InvalidField(pointer, "is no sample of this request"))
        elif name is not None and not text(name, longest=LONGEST_NAME):
            wrong.append(InvalidField(pointer, "must be a name or null"))
    return {sample: name for sample, name in lineage.items() if isinstance(name, str)}


@lru_cache(maxsize=8)
def _names(known: tuple[str, ...]) -> frozenset[str]:
    return frozenset(known)


def refuse_unknown_drugs(asked: Sequence[str] | None, known: Sequence[str]) -> None:
    """Refuse names that the bundle does not know, by their place in the request.

    Upper and lower case do not matter, as long as they tell no two drugs apart.
    """
    if asked is None:
        return
    exact = _names(tuple(known))
    if exact.issuperset(asked):
        return
    folded = [name.casefold() for name in known]
    wrong = [
        InvalidField(f"/drugs/{at}", "is no drug of the bundle that answers")
        for at, name in enumerate(asked)
        if name not in exact and folded.count(name.casefold()) != 1
    ]
    if wrong:
        raise InvalidRequestError(
            f"{len(wrong)} of {len(asked)} drugs are not known.",
            needed=f"names of drugs of the bundle that answers, which has {len(known)}.",
            remedy="look the names up at /v1/drugs, with ?search= for a part of one.",
            errors=wrong,
        )
