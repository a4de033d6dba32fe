"""The cohorts on which the policy wants challenger and champion compared as well."""

from __future__ import annotations

from collections.abc import Sequence

from models.bundle import Bundle
from training.cohort import load_cohort
from training.errors import TrainingError
from training.files import FileSource
from training.promotion.errors import PolicyError
from training.promotion.external import ExternalAnswers, ask_external
from training.promotion.policy import PromotionPolicy


def ask_external_cohorts(
    challenger: Bundle, champion: Bundle | None, policy: PromotionPolicy, files: FileSource
) -> list[ExternalAnswers]:
    """Ask both about every cohort of the policy whose files are at hand; nothing is downloaded.

    Raises
    ------
    PolicyError
        The policy names a cohort that is not known.
    """
    _refuse_unknown(policy.external_cohorts, files)
    if champion is None:
        return []
    return [
        _ask(challenger, champion, name, files)
        for name in policy.external_cohorts
        if all(files.find(file) for file in files.catalogue.files_of(name).values())
    ]


def _ask(challenger: Bundle, champion: Bundle, name: str, files: FileSource) -> ExternalAnswers:
    if name in (challenger.cohort, champion.cohort):  # said without reading it
        return ExternalAnswers(name, not_estimable="it is the cohort that one of the two learned")
    try:
        cohort = load_cohort(name, files=files)
    except TrainingError as error:
        return ExternalAnswers(name, not_estimable=error.found)
    return ask_external(challenger, champion, cohort)


def _refuse_unknown(names: Sequence[str], files: FileSource) -> None:
    known = files.catalogue.cohorts
    unknown = [name for name in names if name not in known]
    if unknown:
        raise PolicyError(
            f"The policy asks for the cohort {unknown[0]}, which is not known.",
            needed=f"cohorts among {', '.join(known)}.",
            remedy="correct external_cohorts in the policy.",
        )
