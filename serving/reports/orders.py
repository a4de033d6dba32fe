"""What the service tells the process that makes reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["files", "pdf"]
RECORD, SECTIONS, HTML, PDF = "record.json", "sections.html", "report.html", "report.pdf"
NAMES: Mapping[Part, tuple[str, ...]] = {"files": (RECORD, SECTIONS, HTML), "pdf": (PDF,)}


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """Files of one report to make.

    Attributes
    ----------
    folder
        Of the bundle; every file in it is verified first.
    sha256
        What the bundle must be.
    version
        Its version in the store, for the report to say.
    drug
        Name in the bundle.
    ledger
        File of tested claims; None without one.
    references
        Source of data -> how it is cited.
    part
        files: record, sections and page, together; pdf: the page printed.
    out
        Folder that takes them.
    """

    folder: str
    sha256: str
    version: str | None
    drug: str
    ledger: str | None
    references: Mapping[str, str]
    part: Part
    out: str
