"""What the process of a job does, by the name of the step that the worker orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.jobs.spec import JobSpec
from models.store import BundleStore, local_store
from models.store_place import is_address

Say = Callable[[dict[str, Any]], None]
Result = dict[str, Any]


def fetched_bundles(state: Path) -> Path:
    """Folder of the bundles that a worker with this state has fetched from an MLflow server."""
    return state / "bundles"


@dataclass(frozen=True, slots=True)
class Task:
    """One order.

    Attributes
    ----------
    folder
        Of the job: finished drugs, the bundle and the report, kept from step to step.
    store
        Where bundles are registered.
    processes
        Of a training.
    policies
        Folder of named promotion policies.
    given
        What this step is told beside that, from the steps before.
    """

    job_id: str
    spec: JobSpec
    folder: Path
    store: BundleStore
    processes: int
    policies: Path
    submitted_by: str
    given: Mapping[str, Any]

    @classmethod
    def from_order(cls, order: Mapping[str, Any]) -> Task:
        """Read an order."""
        place = order["store"]
        state = Path(order["folder"]).parents[1]
        return cls(
            job_id=order["job_id"],
            spec=JobSpec.from_json(order["spec"]),
            folder=Path(order["folder"]),
            store=_store_of(place, state),
            processes=order["processes"],
            policies=Path(order["policies"]),
            submitted_by=order["submitted_by"],
            given=order["given"],
        )


def _store_of(place: str, state: Path) -> BundleStore:
    if is_address(place):
        return BundleStore(place, cache=fetched_bundles(state))
    return local_store(Path(place))


class JobWork:
    """Does what is ordered; what is heavy to make is kept from one order to the next.

    Parameters
    ----------
    say
        Sends a message to the worker.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._data: Any = None

    def do(self, order: Mapping[str, Any]) -> Result:
        """Do one order."""
        from training.jobs import work_data, work_gate, work_store, work_training

        task = Task.from_order(order)
        if self._data is None:
            self._data = work_data.JobData(task.spec, self._say, task.folder)
        self._data.files.expected = {name: sha256 for name, _, sha256 in order.get("files", ())}
        steps: dict[str, Callable[[], Result]] = {
            "fetch": lambda: work_data.fetch(task, self._data),
            "verify": lambda: work_data.verify(task, self._data),
            "join": lambda: work_data.join(task, self._data),
            "news": lambda: work_store.look_for_news(task),
            "train": lambda: work_training.train_batch(task, self._data),
            "evidence": lambda: work_training.finish_training(task, self._data),
            "report": lambda: work_training.write_reports(task, self._data),
            "register": lambda: work_store.register(task, self._data),
            "find": lambda: work_gate.find_version(task),
            "shadow": lambda: work_gate.shadow(task),
            "policy": lambda: work_gate.read_policy(task),
            "gate": lambda: work_gate.decide(task),
            "promote": lambda: work_gate.promote(task),
        }
        return steps[order["step"]]()
