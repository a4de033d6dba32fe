"""Platform maps: which gene a probe of an array measures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import FormatError, GeneIdError
from features.readers.peek import open_table
from features.readers.tables import split_line
from features.readers.text_files import ReadLimits

MINIMUM_SHARE = 0.2
"""A map that knows fewer of the probes belongs to another platform (right ones know 0.6 to 0.9)."""

_PROBE_COLUMNS = ("probe_id", "probeset_id", "probe", "id_ref", "id")
_SYMBOL_COLUMNS = ("symbol", "gene_symbol", "gene symbol", "hgnc_symbol")
_NO_GENE = {"", "---", "NA"}
_SEVERAL = re.compile(r"\s*///\s*|\s*//\s*|\s*;\s*")
_PLATFORM = re.compile(r"GPL\d+")


@dataclass(frozen=True, slots=True)
class PlatformMap:
    """Probes and the genes they measure.

    Attributes
    ----------
    symbols
        Probe -> symbol, for probes of one gene.
    several
        Probes left out because they fit several genes.
    platform
        `GPL...` in the name of the file, else None.
    """

    name: str
    symbols: dict[str, str]
    several: frozenset[str]
    platform: str | None

    def fit(
        self, probes: Sequence[str], platforms: Sequence[str], file_name: str
    ) -> tuple[list[str | None], tuple[str, ...]]:
        """Return the symbol of each probe (None without one) and what is to be said about it.

        Raises
        ------
        GeneIdError
            The map knows fewer than 20% of the probes.
        """
        symbols = [self.symbols.get(probe) for probe in probes]
        n_several = sum(probe in self.several for probe in probes)
        n_mapped = len(probes) - symbols.count(None)
        share = (n_mapped + n_several) / max(1, len(probes))
        if share < MINIMUM_SHARE or not n_mapped:
            raise self._misfit(probes, share, platforms, file_name)
        steps = [
            f"Platform map {self.name}: {n_mapped:,} of {len(probes):,} probes have a gene; "
            f"{n_several:,} fit several genes and were dropped; "
            f"{len(probes) - n_mapped - n_several:,} are not in the map and were dropped."
        ]
        if self.platform and platforms and self.platform not in platforms:
            steps.append(
                f"The map is named {self.platform} and the samples are {', '.join(platforms)}: "
                f"it was used because it knows {share:.0%} of the probes."
            )
        return symbols, tuple(steps)

    def _misfit(
        self, probes: Sequence[str], share: float, platforms: Sequence[str], file_name: str
    ) -> GeneIdError:
        right = " or ".join(platforms) or "its array"
        return GeneIdError(
            f"The platform map {self.name} knows {share:.1%} of the {len(probes):,} ids of "
            f"{file_name} ({', '.join(probes[:3])}, ...).",
            needed=f"at least {MINIMUM_SHARE:.0%}: the map of {right}.",
            remedy="name the map of this platform, or leave it out if the ids are genes.",
        )


def read_platform_map(path: Path, limits: ReadLimits) -> PlatformMap:
    """Read a table of probes and symbols, with a header; `#`, `!` and `^` lines are skipped.

    A probe given several genes, in one cell (`A /// B`) or in several rows, is kept apart.
    """
    genes: dict[str, set[str]] = {}
    for probe, symbol in _pairs(path, limits):
        found = {name for name in _SEVERAL.split(symbol.strip()) if name not in _NO_GENE}
        genes.setdefault(probe, set()).update(found)
    several = frozenset(probe for probe, names in genes.items() if len(names) > 1)
    symbols = {probe: next(iter(names)) for probe, names in genes.items() if len(names) == 1}
    if not symbols:
        raise _not_a_map(path, "no probe with one gene")
    platform = _PLATFORM.search(path.name)
    return PlatformMap(path.name, symbols, several, platform.group() if platform else None)


def _pairs(path: Path, limits: ReadLimits) -> Iterator[tuple[str, str]]:
    lines = (
        line
        for line in open_table(path, limits).lines()
        if line and not line.startswith(("#", "!", "^"))
    )
    header_line = next(lines, "")
    delimiter = "\t" if "\t" in header_line else ","
    header = [name.strip().lower() for name in split_line(header_line, delimiter)]
    probe_at, symbol_at = _column(header, _PROBE_COLUMNS), _column(header, _SYMBOL_COLUMNS)
    if probe_at is None or symbol_at is None:
        raise _not_a_map(path, f"the columns {', '.join(header[:6])}")
    for line in lines:
        fields = split_line(line, delimiter)
        if len(fields) > max(probe_at, symbol_at):
            yield fields[probe_at].strip(), fields[symbol_at]


def _column(header: list[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _not_a_map(path: Path, what: str) -> FormatError:
    return FormatError(
        f"{path.name} is no platform map: it has {what}.",
        needed="a TSV or CSV with a header and the columns probe_id and symbol.",
        remedy="make one from the platform's annotation table on its GEO page.",
    )
