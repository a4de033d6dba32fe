"""Errors of the training package.

::

    CupromarkError
    └── TrainingError             everything this package raises
        ├── CatalogueError        no such cohort, or a broken entry
        ├── DownloadError         a file that could not be had
        │   └── ChecksumError     a file that is not what the catalogue or the manifest says
        ├── JoiningError          expression and response share no model
        └── LabelError            a drug for which no two classes can be made
"""

from __future__ import annotations

from features.errors import CupromarkError


class TrainingError(CupromarkError):
    """Root of the errors of `training`."""


class CatalogueError(TrainingError):
    """No such cohort, or an entry of the catalogue that cannot be used."""


class DownloadError(TrainingError):
    """A file that could not be had, or is not data."""


class ChecksumError(DownloadError):
    """A file whose sha256 is not the one on record."""


class JoiningError(TrainingError):
    """Expression and response could not be joined."""


class LabelError(TrainingError):
    """A drug for which no two classes can be made."""
