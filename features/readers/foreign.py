"""Files that are plainly something else: said by name, with the file to get instead."""

from __future__ import annotations

from pathlib import Path

from features.errors import FormatError, ReadError

_SOFT_STARTS = ("^DATABASE", "^SERIES", "^PLATFORM", "^SAMPLE", "^DATASET", "^Annotation")
_BINARY_STARTS = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook (xls)",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"PAR1": "a Parquet file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"RDX": "an R data file",
    b"PK\x03\x04": "a zip within an archive",
    b"\x1f\x8b": "a gzip within an archive",
}


def refuse_foreign(start: bytes, path: Path) -> None:
    """Raise an error for a text file whose first bytes show that it is no table.

    Raises
    ------
    ReadError
        It decompresses to nothing.
    FormatError
        HTML, UTF-16, SOFT, old Mac line ends, or a binary file.
    """
    if not start.strip():
        raise ReadError(
            f"{path.name} holds no text.",
            needed="a table with a header and rows.",
            remedy="fetch or export the file again.",
        )
    for kind, remedy in _foreign_kinds(start):
        raise FormatError(
            f"{path.name} is {kind}.", needed="a table of gene expression.", remedy=remedy
        )


def _foreign_kinds(start: bytes) -> list[tuple[str, str]]:
    text = start[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [("UTF-16 text", "save it as UTF-8.")]
    if text[:9].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return [
            (
                "a web page or XML, not data",
                "the download was answered by a page (login, error or moved file): fetch it again.",
            )
        ]
    if text.startswith(tuple(mark.encode() for mark in _SOFT_STARTS)):
        return [
            (
                "a GEO SOFT file, not a matrix",
                "get the series matrix of its series from GEO: GSE..._series_matrix.txt.gz "
                "(a GDS names its series in !dataset_reference_series).",
            )
        ]
    for magic, kind in _BINARY_STARTS.items():
        if start.startswith(magic):
            return [(kind, "export the matrix as CSV, TSV or Parquet.")]
    if b"\x00" in start:
        return [("a binary file", "export the matrix as CSV, TSV or Parquet.")]
    if b"\r" in start and b"\n" not in start:
        return [("text with old Mac line ends (CR)", "save it with LF or CRLF line ends.")]
    return []
