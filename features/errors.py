"""Errors of the features package.

::

    CupromarkError                what a user can mend: found, needed, remedy
    └── FeaturesError             everything this package raises
        ├── ReadError             a file could not be read as expression
        │   ├── FormatError       it is not the format it was taken for
        │   ├── CellError         cells that are not finite numbers
        │   ├── ScaleError        values contradict the declared scale
        │   └── LimitError        larger than a declared limit
        ├── GeneIdError           gene identifiers that cannot be used
        │   ├── AmbiguousSymbolError
        │   └── ExcelDamageError
        ├── SampleError           duplicated or missing samples
        ├── CoverageError         too few genes of the panel
        ├── GeneSetError          a gene set or GMT file that cannot be used
        └── ClaimError            a table of claims that cannot be used
"""

from __future__ import annotations


class CupromarkError(Exception):
    """A problem that the person who made the call can mend.

    Parameters
    ----------
    found
        What was met, with names and counts.
    needed
        What would have been right.
    remedy
        What to do now.
    """

    def __init__(self, found: str, *, needed: str, remedy: str) -> None:
        self.found = found
        self.needed = needed
        self.remedy = remedy
        super().__init__(found, needed, remedy)

    def __str__(self) -> str:
        return f"{self.found} Needed: {self.needed} What to do: {self.remedy}"


class FeaturesError(CupromarkError):
    """Root of the errors of `features`."""


class ReadError(FeaturesError):
    """A file could not be read as expression."""


class FormatError(ReadError):
    """The file is not in the format that it was taken for."""


class CellError(ReadError):
    """Cells that are not finite numbers."""


class ScaleError(ReadError):
    """Values contradict the declared scale."""


class LimitError(ReadError):
    """The file is larger than a declared limit."""


class GeneIdError(FeaturesError):
    """Gene identifiers that cannot be used."""


class AmbiguousSymbolError(GeneIdError):
    """An identifier that names more than one gene."""


class ExcelDamageError(GeneIdError):
    """Gene symbols that a spreadsheet turned into dates or numbers."""


class SampleError(FeaturesError):
    """Samples that are duplicated or missing."""


class CoverageError(FeaturesError):
    """A profile holds too few of the genes that are needed."""


class GeneSetError(FeaturesError):
    """A gene set, or a GMT file, that cannot be used."""


class ClaimError(FeaturesError):
    """A claim, or a table of claims, that cannot be used."""
