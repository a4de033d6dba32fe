"""Cells that are not finite numbers: found, counted and named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.errors import CellError

_N_NAMED = 5
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")
_SLAB_VALUES = 2**24


@dataclass
class BadCells:
    """Cells that are not finite numbers: how many, and the first few by name."""

    row_kind: str = "row"
    column_kind: str = "column"
    count: int = 0
    named: list[str] = field(default_factory=list)
    has_decimal_comma: bool = False

    def add(self, row: str, column: str, text: str) -> None:
        """Note one cell."""
        self.count += 1
        self.has_decimal_comma |= _DECIMAL_COMMA.fullmatch(text) is not None
        if len(self.named) < _N_NAMED:
            held = f"{text[:40]!r}" if text.strip() else "an empty cell"
            self.named.append(f"{self.row_kind} {row}, {self.column_kind} {column}: {held}")

    def error(self, file_name: str) -> CellError | None:
        """Return the error that names them, or None when there are none."""
        if not self.count:
            return None
        more = f" and {self.count - len(self.named):,} more" if self.count > _N_NAMED else ""
        remedy = "drop these genes or samples, or fill the cells in yourself and say how."
        if self.has_decimal_comma:
            remedy = "export the table with a decimal point instead of a decimal comma."
        return CellError(
            f"{file_name} has {self.count:,} cell(s) that are not finite numbers: "
            f"{'; '.join(self.named)}{more}.",
            needed="a finite number in every cell.",
            remedy=remedy,
        )


def is_finite(values: NDArray[np.float32]) -> bool:
    """Tell whether every value is a finite number, a slab at a time."""
    n_rows = max(1, _SLAB_VALUES // max(1, values.shape[1]))
    return all(
        bool(np.isfinite(values[start : start + n_rows]).all())
        for start in range(0, values.shape[0], n_rows)
    )


def refuse_non_finite(
    values: NDArray[np.float32],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    file_name: str,
    row_kind: str = "row",
    column_kind: str = "column",
) -> None:
    """Raise `CellError` that names the cells of a matrix (rows x columns) that are not finite."""
    if is_finite(values):
        return
    bad_cells = BadCells(row_kind, column_kind)
    for row, column in np.argwhere(~np.isfinite(values)):
        bad_cells.add(rows[row], columns[column], str(values[row, column]))
    error = bad_cells.error(file_name)
    if error is not None:
        raise error
