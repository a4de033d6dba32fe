"""How a text table lies: its header, delimiter, and which columns hold what."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The layout of a text table.

    Attributes
    ----------
    header
        One name a column, duplicates and all.
    delimiter
        What parts the fields.
    n_lines_before
        Lines of the file before the first row.
    text_columns
        Positions of the columns that are read as text.
    ignored_columns
        Positions of the columns that are not read.
    row_kind, column_kind
        What rows and number columns are, for messages: `gene`, `sample`, or `row` and `column`.
    quoted
        Whether double quotes may enclose a field.
    end_mark
        The line that must end the table, where the format has one.
    """

    header: tuple[str, ...]
    delimiter: str
    n_lines_before: int
    text_columns: tuple[int, ...] = (0,)
    ignored_columns: tuple[int, ...] = ()
    row_kind: str = "row"
    column_kind: str = "column"
    quoted: bool = True
    end_mark: str | None = None
    number_columns: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        others = {*self.text_columns, *self.ignored_columns}
        numbers = tuple(n for n in range(len(self.header)) if n not in others)
        object.__setattr__(self, "number_columns", numbers)


DELIMITER_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon"}
