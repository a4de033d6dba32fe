"""Who is champion, who was before, and how that changes, one step at a time.

The alias `champion` is moved by one call, so that there is one champion at every moment. What goes
with it follows in further calls, any of which may be the last one of a killed process: a version
that is about to be champion bears the tag `promotion_pending`, one that is or was bears its
`promotion_number`. Every change begins by mending what an earlier one left half done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from models.errors import StoreError

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous_champion"
NUMBER_TAG, PENDING_TAG = "promotion_number", "promotion_pending"
OLD_HISTORY_TAG = "champion_history"  # of the model, as earlier releases kept it: oldest first
NOBODY = ""


class Registry(Protocol):
    """The calls to MLflow's client that move champions."""

    def search_registered_models(self, filter_string: str) -> Any: ...  # noqa: D102
    def search_model_versions(  # noqa: D102
        self, filter_string: str, max_results: int, *, page_token: str | None
    ) -> Any: ...
    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None: ...  # noqa: D102
    def delete_registered_model_alias(self, name: str, alias: str) -> None: ...  # noqa: D102
    def set_model_version_tag(self, name: str, version: str, key: str, value: str) -> None: ...  # noqa: D102
    def delete_model_version_tag(self, name: str, version: str, key: str) -> None: ...  # noqa: D102
    def delete_registered_model_tag(self, name: str, key: str) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Standing:
    """Champions past and present.

    Attributes
    ----------
    champion
        Its version; None where there is none.
    past
        Versions that were champion before it, oldest first.
    number
        Of the latest promotion, 0 before the first.
    """

    champion: str | None
    past: tuple[str, ...]
    number: int

    @property
    def previous(self) -> str | None:
        """Whom a rollback would make champion again."""
        return self.past[-1] if self.past else None


class Champions:
    """Changes of champion in a registry.

    Parameters
    ----------
    registry
        MLflow's client.
    name
        Of the registered model.
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self._registry = registry
        self._name = name

    def promote(self, version: str, *, replacing: str | None = None) -> None:
        """Make a version the champion.

        Parameters
        ----------
        replacing
            Who must be champion until then, `NOBODY` for none; None where it does not matter.

        Raises
        ------
        StoreError
            Somebody else is champion by now.
        """
        standing = self.mend()
        if standing.champion == version:
            return
        if replacing is not None and replacing != (standing.champion or NOBODY):
            raise _changed(self._name, replacing, standing.champion)
        self._tag(version, PENDING_TAG, str(standing.number + 1))
        self._registry.set_registered_model_alias(self._name, CHAMPION, version)
        self.mend()

    def rollback(self) -> str:
        """Make the champion before the present one champion again; gives its version."""
        previous = self.mend().previous
        if previous is None:
            raise StoreError(
                f"No version of {self._name} was champion before the present one.",
                needed="at least two promotions.",
                remedy="promote another version instead.",
            )
        self._registry.set_registered_model_alias(self._name, CHAMPION, previous)
        self.mend()
        return previous

    def mend(self) -> Standing:
        """Finish or undo what a killed process left; does nothing where nothing is left.

        A champion without a number gets the next one, or the one that it was about to get. Numbers
        above the champion's are of versions that were rolled back from, and go. So does what was
        pending of a version that did not become champion.
        """
        self._adopt_old_history()
        aliases, tags = self._aliases(), self._tags()
        champion = aliases.get(CHAMPION)
        numbers = _numbers(tags, NUMBER_TAG)
        pending = _numbers(tags, PENDING_TAG)
        if champion is not None and (champion in pending or champion not in numbers):
            numbers[champion] = max([pending.get(champion, 0), *(n + 1 for n in numbers.values())])
            self._tag(champion, NUMBER_TAG, str(numbers[champion]))
        for version in pending:
            self._registry.delete_model_version_tag(self._name, version, PENDING_TAG)
        if champion is not None:
            own = numbers[champion]
            for version in [one for one, number in numbers.items() if number > own]:
                del numbers[version]
                self._registry.delete_model_version_tag(self._name, version, NUMBER_TAG)
        standing = _standing(champion, numbers)
        self._mend_aliases(aliases, standing)
        return standing

    def _mend_aliases(self, aliases: Mapping[str, str], standing: Standing) -> None:
        previous = standing.previous
        if previous is not None and aliases.get(PREVIOUS) != previous:
            self._registry.set_registered_model_alias(self._name, PREVIOUS, previous)
        if previous is None and PREVIOUS in aliases:
            self._registry.delete_registered_model_alias(self._name, PREVIOUS)
        if standing.champion is not None and aliases.get(CHALLENGER) == standing.champion:
            self._registry.delete_registered_model_alias(self._name, CHALLENGER)

    def _adopt_old_history(self) -> None:
        """Take over the list that earlier releases kept: number its versions, and drop it."""
        for model in self._models():
            listed = [one for one in model.tags.get(OLD_HISTORY_TAG, "").split(",") if one]
            if OLD_HISTORY_TAG not in model.tags:
                continue
            tags, champion = self._tags(), self._aliases().get(CHAMPION)
            for number, version in enumerate(listed, start=1):
                if version in tags and version != champion:
                    self._tag(version, NUMBER_TAG, str(number))
            if champion is not None:
                self._tag(champion, NUMBER_TAG, str(len(listed) + 1))
            self._registry.delete_registered_model_tag(self._name, OLD_HISTORY_TAG)

    def _tag(self, version: str, key: str, value: str) -> None:
        self._registry.set_model_version_tag(self._name, version, key, value)

    def _models(self) -> Iterator[Any]:
        yield from self._registry.search_registered_models(f"name='{self._name}'")

    def _aliases(self) -> dict[str, str]:
        return {a: str(v) for model in self._models() for a, v in model.aliases.items()}

    def _tags(self) -> dict[str, Mapping[str, str]]:
        return {str(one.version): one.tags for one in all_versions(self._registry, self._name)}


def all_versions(registry: Registry, name: str) -> list[Any]:
    """Every version of a registered model, as MLflow gives them."""
    versions: list[Any] = []
    token = None
    while token is None or token:
        page = registry.search_model_versions(f"name='{name}'", 1000, page_token=token)
        versions += page
        token = page.token or ""
    return versions


@contextmanager
def one_at_a_time(tracking_uri: str) -> Iterator[None]:
    """Let one process at a time change a store that is an SQLite file.

    The lock goes with the process, however it ends. Over a server there is none: of two who promote
    at the same moment the later one stays, and both are numbered.
    """
    if not tracking_uri.startswith("sqlite:///"):
        yield
        return
    import fcntl

    path = Path(tracking_uri.removeprefix("sqlite:///").split("?")[0])
    with path.with_name(f"{path.name}.promotion").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _numbers(tags: Mapping[str, Mapping[str, str]], key: str) -> dict[str, int]:
    """Version -> number under a tag; what is no number counts as 0."""
    found = {version: of_version[key] for version, of_version in tags.items() if key in of_version}
    return {version: int(n) if n.isdecimal() else 0 for version, n in found.items()}


def _standing(champion: str | None, numbers: Mapping[str, int]) -> Standing:
    by_number = sorted((n, int(version)) for version, n in numbers.items() if version != champion)
    past = tuple(str(version) for _, version in by_number)
    return Standing(champion, past, max(numbers.values(), default=0))


def _changed(name: str, expected: str, champion: str | None) -> StoreError:
    return StoreError(
        f"The champion of {name} is {_who(champion)} by now, not {_who(expected)}.",
        needed="the champion that the decision was made against.",
        remedy="decide anew, against the present champion.",
    )


def _who(version: str | None) -> str:
    return f"version {version}" if version else "none"
