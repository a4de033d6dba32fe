"""The way of a job in this process: checkpoints in a list, orders done by functions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from training.jobs.work import Task


class Checkpoints:
    """What DBOS keeps of a job: results by the order of the steps; errors are not kept."""

    def __init__(self, kept: list[tuple[str, Any]] | None = None) -> None:
        self.kept = list(kept or [])
        self._at = 0

    def __call__(self, name: str, do: Callable[[], Any]) -> Any:
        if self._at == len(self.kept):
            self.kept.append((name, json.loads(json.dumps(do()))))
        known, result = self.kept[self._at]
        assert known == name, "another way than before"
        self._at += 1
        return result

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.kept]

    def until(self, name: str) -> list[tuple[str, Any]]:
        """What was kept when a step began."""
        return self.kept[: self.names.index(name)]


class InMemoryAttempt:
    """Does orders by `steps`, and answers the others with `found`."""

    def __init__(
        self,
        task: Task,
        steps: Mapping[str, Callable[[Task], Any]],
        found: Mapping[str, Any] | None = None,
    ) -> None:
        self.job = SimpleNamespace(spec=task.spec, job_id=task.job_id)
        self.course = SimpleNamespace(passed=lambda step, end: None)
        self.ordered: list[str] = []
        self.given: dict[str, Mapping[str, Any]] = {}
        self.known: dict[str, Any] = {}
        self.said: list[str] = []
        self.reasons: list[str] = []
        self._task, self._steps, self._found = task, steps, found or {}

    def add_to_orders(self, **known: Any) -> None:
        self.known |= known

    def order(self, name: str, given: Mapping[str, Any], **place: object) -> Any:
        self.ordered.append(name)
        self.given[name] = given
        if name in self._steps:
            return self._steps[name](replace(self._task, given=given))
        return dict(self._found)

    def waiting(self, ask: Callable[[], Any], *, step: str) -> Any:
        return ask()

    def write(self, change: Callable[[Any], None]) -> None:
        def note(figures=None, *, reasons=None, **other):
            self.reasons = self.reasons if reasons is None else list(reasons)

        change(SimpleNamespace(say=self.said.append, note=note))

    def check(self) -> None:
        pass
