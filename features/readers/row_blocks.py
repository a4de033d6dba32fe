"""The rows of a text table in blocks of whole lines.

Arrow parses one block after another from memory, so that none of its threads ever runs Python: an
error of ours (a limit, a truncated archive) ends the reading here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from features.readers.layout import TableLayout
from features.readers.text_files import MAX_LINE_BYTES, TextFile, line_too_long

BLOCK_BYTES = 32 * 2**20


class RowBlocks:
    """Iterates over the rows of a table; `is_ended` tells afterwards whether its end was met."""

    def __init__(self, file: TextFile, layout: TableLayout) -> None:
        self._file = file
        self._n_lines_before = layout.n_lines_before
        self._end_mark = b"" if layout.end_mark is None else layout.end_mark.encode()
        self.is_ended = layout.end_mark is None

    def __iter__(self) -> Iterator[bytes]:
        with self._file.open() as stream:
            for _ in range(self._n_lines_before):
                stream.readline(MAX_LINE_BYTES)
            for block in self._whole_lines(stream):
                rows = self._before_end_mark(block)
                if rows.strip():
                    yield rows
                if self._end_mark and self.is_ended:
                    return

    def _whole_lines(self, stream: BinaryIO) -> Iterator[bytes]:
        rest = b""
        while block := stream.read(BLOCK_BYTES):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
                if len(rest) > MAX_LINE_BYTES:
                    raise line_too_long(self._file.path)
        if rest:
            yield rest

    def _before_end_mark(self, block: bytes) -> bytes:
        """Cut the line that is the end mark, and what follows it."""
        if not self._end_mark:
            return block
        start = 0 if block.startswith(self._end_mark) else block.find(b"\n" + self._end_mark) + 1
        if not start and not block.startswith(self._end_mark):
            return block
        self.is_ended = True
        return block[:start]
