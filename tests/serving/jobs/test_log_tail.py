import pytest

from models.jobs.errors import UnknownJob
from models.jobs.job import LogLine
from serving.jobs.log_tail import log_tail


class Log:
    """A log of so many lines, asked as the board is."""

    def __init__(self, n_lines):
        self._n_lines = n_lines
        self.n_asked = 0

    def log(self, job_id, *, after=0, limit=200):
        self.n_asked += 1
        numbers = range(after + 1, min(after + limit, self._n_lines) + 1)
        return [LogLine(number, 0.0, "info", str(number)) for number in numbers]


@pytest.mark.parametrize("n_lines", [0, 1, 19, 20, 21, 22, 41, 42, 43, 100, 1_000, 65_537])
@pytest.mark.parametrize("wanted", [1, 20, 300])
def test_the_end_of_a_log_is_its_last_lines(n_lines, wanted):
    log = Log(n_lines)
    numbers = [line.number for line in log_tail(log, "a", wanted)]
    assert numbers == list(range(max(1, n_lines - wanted + 1), n_lines + 1))
    assert log.n_asked < 40


def test_a_log_that_grows_meanwhile_is_read_to_its_newest_line():
    class Growing(Log):
        def log(self, job_id, *, after=0, limit=200):
            self._n_lines += 3
            return super().log(job_id, after=after, limit=limit)

    log = Growing(100)
    numbers = [line.number for line in log_tail(log, "a", 20)]
    assert len(numbers) == 20
    assert numbers[-1] == log._n_lines


def test_an_unknown_job_has_no_log(sqlite_board):
    with pytest.raises(UnknownJob):
        log_tail(sqlite_board, "none", 20)
