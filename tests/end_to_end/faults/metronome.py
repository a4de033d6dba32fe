"""Whether this machine stood still while something was timed."""

import os
import select
import threading
import time
from contextlib import contextmanager

from tests.training.jobs import acting

BEAT_SECONDS = 0.1
NOTED_SECONDS = 0.05
MOST_LOST_SECONDS = 1.0
MOST_REPEATED = 3  # so often is one that the machine spoilt timed anew


class Metronome:
    """Beats ten times a second and notes how late it was: for so long others waited, too."""

    def __init__(self):
        self._late = []
        self._is_over = threading.Event()
        self._beaten_at = time.monotonic()

    @classmethod
    @contextmanager
    def beating(cls):
        metronome = cls()
        thread = threading.Thread(target=metronome._beat)
        thread.start()
        try:
            yield metronome
        finally:
            metronome._is_over.set()
            thread.join()

    def lost(self, begin, end):
        """Seconds lost between two moments, as `time.time` gives them."""
        late = [*self._late, (time.time(), self._late_by())]
        return sum(min(one, end - begin) for at, one in late if at > begin and at - one < end)

    def _late_by(self):
        return max(time.monotonic() - self._beaten_at - BEAT_SECONDS, 0.0)

    def _beat(self):
        while not self._is_over.wait(BEAT_SECONDS):
            if (late := self._late_by()) > NOTED_SECONDS:
                self._late.append((time.time(), late))
            self._beaten_at = time.monotonic()


class Exit:
    """Notes when a process ends, as the kernel tells it."""

    def __init__(self, pid):
        self.at = None
        self._pid_fd = os.pidfd_open(pid)
        self._thread = threading.Thread(target=self._note)
        self._thread.start()

    def wait(self):
        """Wait for the end; give its moment, None where it did not come."""
        self._thread.join()
        os.close(self._pid_fd)
        return self.at

    def _note(self):
        ended = select.poll()
        ended.register(self._pid_fd, select.POLLIN)
        if ended.poll(1000 * acting.PATIENCE_SECONDS):
            self.at = time.time()
