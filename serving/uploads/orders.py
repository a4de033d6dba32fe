"""What a reader is asked to do, in the terms that both processes share. Free of pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from features.expression import ReadingReport, Scale
from features.hgnc import GeneRecord
from features.symbols import SymbolTable

READ, WRITE_PARQUET = "read", "write_parquet"


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """A file to be read.

    Attributes
    ----------
    path
        The file, under a name that messages may use.
    scale
        What its values are.
    format, orientation, platform_map
        As `features.reading.read_expression`.
    max_bytes
        Largest size after decompression.
    max_profiles, max_values
        Most samples, and most values of genes that the bundle knows.
    values
        Whether the values are wanted, or only what there is to say about the file.
    """

    path: str
    scale: Scale
    format: str | None
    orientation: str | None
    platform_map: str | None
    max_bytes: int
    max_profiles: int
    max_values: int
    values: bool


@dataclass(frozen=True, slots=True)
class GeneNames:
    """What a bundle knows of genes, as far as reading a file needs it.

    Attributes
    ----------
    symbols
        Names of genes.
    required
        Genes that matter: one of them must be there, and only theirs may not be ambiguous.
    universe
        Genes of the training cohort; only their values come back.
    """

    symbols: SymbolTable
    required: Sequence[str]
    universe: Sequence[str]

    def to_bytes(self) -> bytes:
        """Encode them for another process."""
        records = self.symbols.records_of(self.symbols)
        content = {
            "name": self.symbols.name,
            "records": [asdict(record) for record in records],
            "required": self.required,
            "universe": self.universe,
        }
        return orjson.dumps(content)

    @classmethod
    def from_bytes(cls, raw: bytes | memoryview) -> GeneNames:
        """Decode what `to_bytes` made."""
        content = orjson.loads(raw)
        records = [_record(each) for each in content["records"]]
        symbols = SymbolTable.from_records(records, name=content["name"])
        return cls(symbols, content["required"], content["universe"])


def report_of(content: dict[str, Any]) -> ReadingReport:
    """Make a report from its JSON."""
    ambiguous = {name: tuple(genes) for name, genes in content["ambiguous"].items()}
    several = {name: tuple(content[name]) for name in ("steps", "unknown")}
    return ReadingReport(**{**content, **several, "ambiguous": ambiguous})


def _record(content: dict[str, Any]) -> GeneRecord:
    several = {name: tuple(content[name]) for name in ("previous", "aliases")}
    return GeneRecord(**{**content, **several})
