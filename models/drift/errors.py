"""Errors of drift.

::

    ModelsError
    └── DriftError     counts that do not fit the bundle they are held against
"""

from __future__ import annotations

from models.errors import ModelsError


class DriftError(ModelsError):
    """Counts that are damaged, or of another bundle than they are held against."""
