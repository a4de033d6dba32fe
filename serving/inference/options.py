"""What both protocols let a caller say beside the profiles: scale, drugs, level, align, lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from features.expression import SCALES
from serving.errors import InvalidField, RequestTooLargeError
from serving.predictions.fields import Fields, text
from serving.predictions.profiles import Profiles
from serving.predictions.question import ALIGNMENTS, DEFAULT_LEVEL, LONGEST_NAME, Question

if TYPE_CHECKING:
    from serving.settings import ServingSettings

NAMES = frozenset({"scale", "drugs", "level", "align", "lineage"})


def read_options(
    given: Mapping[str, Any],
    profiles: Profiles | None,
    settings: ServingSettings,
    wrong: list[InvalidField],
    *,
    at: str,
) -> Question | None:
    """Make a question of profiles and options; None where something is wrong.

    Parameters
    ----------
    given
        Options by name; one that is null counts as left out. `drugs` is a list of names or a text
        of them, see `names_of`; an empty one asks for all drugs that are not withheld.
    profiles
        What the options are about; None where they are wrong already.
    settings
        Limits.
    wrong
        Filled with the places that are wrong.
    at
        What stands before the name of an option in the pointer to it.
    """
    stated = {name: value for name, value in given.items() if value is not None}
    found = [InvalidField(f"/{name}", "is no parameter here") for name in set(stated) - NAMES]
    fields = Fields(stated, found)
    scale = fields.word("scale", SCALES, None)
    level = fields.number("level", DEFAULT_LEVEL, above=0.0, below=1.0)
    align = fields.word("align", ALIGNMENTS, "auto")
    drugs = _drugs(stated.get("drugs"), settings, found)
    lineage = stated.get("lineage")
    if lineage is not None and not text(lineage, longest=LONGEST_NAME):
        found.append(InvalidField("/lineage", "must be a name"))
    wrong += [InvalidField(at + one.pointer.removeprefix("/"), one.message) for one in found]
    if wrong or profiles is None:
        return None
    of_profiles = lineage if lineage is not None else profiles.lineage or None
    return Question(profiles, scale, drugs, level, align, of_profiles)  # type: ignore[arg-type]


def names_of(given: object) -> list[str] | None:
    """Read names from a list, or from a text: parted by commas, or as a list in JSON.

    Returns
    -------
    list of str or None
        None where it is neither.
    """
    if isinstance(given, str):
        if given.lstrip().startswith("["):
            try:
                given = orjson.loads(given)
            except orjson.JSONDecodeError:
                return None
        else:
            given = [name.strip() for name in given.split(",")]
    if isinstance(given, list) and all(text(name, longest=LONGEST_NAME) for name in given):
        return given
    return None


def _drugs(
    given: object, settings: ServingSettings, wrong: list[InvalidField]
) -> tuple[str, ...] | None:
    if given is None or given == []:
        return None
    names = names_of(given)
    if names is None:
        wrong.append(InvalidField("/drugs", "must be names: a list, or a text that commas part"))
        return None
    refuse_too_many_drugs(names, settings)
    return tuple(names)


def refuse_too_many_drugs(names: Sequence[str], settings: ServingSettings) -> None:
    """Raise RequestTooLargeError where there are more drugs than the limit allows."""
    if len(names) > settings.max_drugs:
        raise RequestTooLargeError(
            f"{len(names):,} drugs.",
            needed=f"at most {settings.max_drugs:,} in one request.",
            remedy="ask for fewer, or leave `drugs` out for all.",
        )
