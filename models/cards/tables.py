"""Tables of HTML beside the drawings: every figure of a plot can be read without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

LONGEST_NUMBER = 30
"""Characters; what is longer is the reason for there being no number, and may wrap."""


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Iterable[int] = (),
) -> str:
    """Write a table; everything is escaped, the first cell of a row is its heading.

    Parameters
    ----------
    numbers
        Positions of the columns of numbers, which are set flush right.
    """
    flush = frozenset(numbers)
    looks = [' class="number"' if at in flush else "" for at in range(len(columns))]
    head = "".join(
        f'<th scope="col"{look}>{escape(name)}</th>'
        for name, look in zip(columns, looks, strict=True)
    )
    body = "".join(f"<tr>{_row(row, looks)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[str], looks: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(
        f"<td{look if len(cell) <= LONGEST_NUMBER else ''}>{escape(cell)}</td>"
        for cell, look in zip(others, looks[1:], strict=True)
    )
    return f'<th scope="row">{escape(first)}</th>{cells}'
