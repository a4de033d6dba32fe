"""Gene sets: named genes with their sources and what higher expression is expected to go with."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal, get_args

from features.errors import GeneSetError

Direction = Literal["sensitivity", "resistance"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
MEMBER_COLUMNS = ("gene_set", "symbol", "direction", "context", "source")


def load_gene_sets() -> GeneSetCollection:
    """Load the gene sets and balances that the project ships.

    Returns
    -------
    GeneSetCollection
        The sets of `features/data`; every gene carries the section of a review in `shared/seeds`
        or the DOI that it comes from.
    """
    data = files("features") / "data"
    catalogue = json.loads((data / "gene_set_catalogue.json").read_text(encoding="utf-8"))
    members = _read_members((data / "gene_sets.tsv").read_text(encoding="utf-8"))
    described = [{**entry, "members": members[entry["name"]]} for entry in catalogue["gene_sets"]]
    return GeneSetCollection.from_json({"gene_sets": described, "balances": catalogue["balances"]})


@dataclass(frozen=True, slots=True)
class GeneSetMember:
    """A gene of a set.

    Attributes
    ----------
    symbol
        Approved HGNC symbol.
    source
        Where the gene comes from: file and section of a review, or a DOI; several with "; ".
    direction
        What higher expression is expected to go with; None where the reviews give no direction,
        or give both.
    context
        The drug and cancer for which the direction was stated, and those for which it is opposite.
    """

    symbol: str
    source: str
    direction: Direction | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class GeneSet:
    """Named genes with sources and, for the set as a whole, an expected direction."""

    name: str
    title: str
    description: str
    group: str
    members: tuple[GeneSetMember, ...]
    direction: Direction | None = None
    context: str | None = None

    @property
    def genes(self) -> tuple[str, ...]:
        """Symbols of the members, in the order of the members."""
        return tuple(member.symbol for member in self.members)


@dataclass(frozen=True, slots=True)
class Balance:
    """Difference of two gene-set scores: numerator minus denominator (scores are log-like)."""

    name: str
    numerator: str
    denominator: str
    title: str
    source: str


class GeneSetCollection(Mapping[str, GeneSet]):
    """Gene sets by name, with the balances between them; it cannot be changed.

    Raises
    ------
    GeneSetError
        A name twice, a set without genes, a gene twice in a set, or a balance of a set that is
        not there.
    """

    def __init__(self, gene_sets: Iterable[GeneSet], balances: Iterable[Balance] = ()) -> None:
        listed = tuple(gene_sets)
        self._gene_sets = {gene_set.name: gene_set for gene_set in listed}
        self._balances = tuple(balances)
        _refuse_repeats([gene_set.name for gene_set in listed], "gene sets")
        _refuse_repeats([balance.name for balance in self._balances], "balances")
        for gene_set in listed:
            _check_members(gene_set)
        for balance in self._balances:
            _check_balance(balance, self._gene_sets)

    def __getitem__(self, name: str) -> GeneSet:
        return self._gene_sets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gene_sets)

    def __len__(self) -> int:
        return len(self._gene_sets)

    def __repr__(self) -> str:
        return f"<GeneSetCollection: {len(self)} gene sets, {len(self.gene_panel)} genes>"

    @property
    def balances(self) -> tuple[Balance, ...]:
        """The balances between sets of this collection."""
        return self._balances

    @property
    def gene_panel(self) -> tuple[str, ...]:
        """All genes of all sets, sorted."""
        return tuple(sorted({gene for gene_set in self.values() for gene in gene_set.genes}))

    @property
    def sha256(self) -> str:
        """Hash of the content; the order of sets, genes and balances does not change it."""
        content = self.to_json()
        for entry in content["gene_sets"]:
            entry["members"].sort(key=lambda member: member["symbol"])
        for entries in content.values():
            entries.sort(key=lambda entry: entry["name"])
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def subset(self, names: Collection[str]) -> GeneSetCollection:
        """Keep the named sets, and the balances of which both sides are kept."""
        unknown = sorted(set(names) - set(self))
        if unknown:
            raise GeneSetError(
                f"No gene set is called {', '.join(unknown)}.",
                needed=f"names out of: {', '.join(self)}.",
                remedy="Correct the names, or bring the sets as a GMT file.",
            )
        kept = [gene_set for name, gene_set in self.items() if name in set(names)]
        balances = [b for b in self._balances if {b.numerator, b.denominator} <= set(names)]
        return GeneSetCollection(kept, balances)

    def to_json(self) -> dict[str, Any]:
        """Describe the collection in lists, dicts and strings; `from_json` gives it back."""
        return {
            "gene_sets": [
                asdict(gene_set) | {"members": [asdict(member) for member in gene_set.members]}
                for gene_set in self.values()
            ],
            "balances": [asdict(balance) for balance in self._balances],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> GeneSetCollection:
        """Build a collection from what `to_json` wrote."""
        try:
            gene_sets = [_gene_set_from_json(entry) for entry in content["gene_sets"]]
            balances = [Balance(**entry) for entry in content["balances"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise GeneSetError(
                f"Gene sets in JSON that lack a field or hold an unknown one: {error}.",
                needed="what GeneSetCollection.to_json writes.",
                remedy="Write the file again, or take one of the same version.",
            ) from error
        return cls(gene_sets, balances)


def _read_members(text: str) -> dict[str, list[dict[str, str | None]]]:
    """Read the shipped table: a row a gene and set, tab-separated, an empty cell for None."""
    members: dict[str, list[dict[str, str | None]]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        gene_set = row.pop("gene_set")
        members.setdefault(gene_set, []).append({key: cell or None for key, cell in row.items()})
    return members


def _gene_set_from_json(entry: Mapping[str, Any]) -> GeneSet:
    members = tuple(
        GeneSetMember(**{**member, "direction": _direction(member.get("direction"))})
        for member in entry["members"]
    )
    return GeneSet(**{**entry, "members": members, "direction": _direction(entry.get("direction"))})


def _direction(text: str | None) -> Direction | None:
    if text is not None and text not in DIRECTIONS:
        raise GeneSetError(
            f"The direction {text!r}.",
            needed=f"one of {', '.join(DIRECTIONS)}, or none.",
            remedy="Say what higher expression is expected to go with, or leave it empty.",
        )
    return text


def _check_members(gene_set: GeneSet) -> None:
    if not gene_set.members or not all(gene_set.genes):
        raise GeneSetError(
            f"The gene set {gene_set.name!r} holds no gene, or one without a symbol.",
            needed="at least one gene, each with a symbol.",
            remedy="Add genes, or leave the set out.",
        )
    _refuse_repeats(gene_set.genes, f"genes of the set {gene_set.name!r}")


def _check_balance(balance: Balance, names: Collection[str]) -> None:
    missing = [side for side in (balance.numerator, balance.denominator) if side not in names]
    if missing:
        raise GeneSetError(
            f"The balance {balance.name!r} speaks of the gene sets {', '.join(missing)}.",
            needed="two gene sets of the same collection.",
            remedy="Add the gene sets, or leave the balance out.",
        )


def _refuse_repeats(names: Iterable[str], what: str) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise GeneSetError(
            f"Twice among the {what}: {', '.join(repeated)}.",
            needed="every name once.",
            remedy="Remove the repeats, or rename them.",
        )
