"""One order on its way through a reader, from whichever thread, and how it is called off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from serving.uploads.child import ReaderChild
from serving.uploads.frames import Frame


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a reader is told once, and keeps until it is told something else.

    Attributes
    ----------
    key
        The same for the same content.
    to_bytes
        Makes the content.
    """

    key: str
    to_bytes: Callable[[], bytes]


class Job:
    """An order, and the reader that carries it out.

    Parameters
    ----------
    order
        What is to be done.
    knowledge
        What a reader has to know for it; None for nothing.
    """

    def __init__(self, order: Frame, knowledge: Knowledge | None) -> None:
        self._order = order
        self._knowledge = knowledge
        self._child: ReaderChild | None = None
        self._is_abandoned = False
        self._lock = threading.Lock()

    def carry_out_with(self, child: ReaderChild, *, seconds: float) -> Frame:
        """Give the order to a reader, unless nobody waits for it; see `ReaderChild.exchange`."""
        with self._lock:
            if self._is_abandoned:
                return Frame({})  # nobody waits for it any more
            self._child = child
        try:
            return child.exchange(self._order_for(child), seconds=seconds)
        finally:
            with self._lock:
                self._child = None

    def abandon(self) -> None:
        """Say that nobody waits any more: a reader that has begun is ended."""
        with self._lock:
            self._is_abandoned = True
            if self._child is not None:
                self._child.kill()

    def _order_for(self, child: ReaderChild) -> Frame:
        if self._knowledge is None or child.knows == self._knowledge.key:
            return self._order
        child.knows = self._knowledge.key
        return replace(self._order, payload=self._knowledge.to_bytes())
