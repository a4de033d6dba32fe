"""What is written comes back the same; what is damaged or foreign is not read."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from models.calibration import SigmoidCalibration
from training.kept_objects import read_object, write_object
from training.metrics import Interval
from training.splits import Fold


def test_nested_values_come_back_the_same(tmp_path: Path) -> None:
    fold = Fold(np.array([1, 2]), np.array([0]))
    value = {
        "figures": (Interval(0.7, 0.6, float("inf")), None, [True, 3, "é"]),
        "picture": b"\x89PNG\x00",
        "names": np.array(["a", "bc"]),
        "by_number": {5: "five", -1: ()},
        "$class": {"empty": (), "number": np.float64(2.5)},
        "fold": fold,
    }
    write_object(tmp_path / "deep" / "one.npz", value)
    found = read_object(tmp_path / "deep" / "one.npz")
    assert found["figures"] == value["figures"]
    assert found["picture"] == value["picture"]
    assert found["by_number"] == {5: "five", -1: ()}
    assert found["$class"] == {"empty": (), "number": 2.5}
    np.testing.assert_array_equal(found["names"], value["names"])
    np.testing.assert_array_equal(found["fold"].train, fold.train)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["one.npz"]


@dataclass
class Foreign:
    number: int


@pytest.mark.parametrize("value", [{2.5: "a"}, {2.5}, Foreign(1), [object()]])
def test_what_is_not_of_the_project_is_not_written(value: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        write_object(tmp_path / "one.npz", value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "named",
    [
        ["os", "system"],
        ["training.kept_objects", "write_object"],
        ["training.errors", "TrainingError"],
        ["training.metrics", "Nothing"],
        ["training.metrics", "Interval"],
    ],
)
def test_a_file_makes_nothing_but_dataclasses_of_the_project(
    named: list[str], tmp_path: Path
) -> None:
    document = json.dumps({"$class": named, "fields": {"command": "true"}})
    np.savez(tmp_path / "one.npz", document=np.array(document))
    assert read_object(tmp_path / "one.npz") is None


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_damaged_file_is_not_read(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    write_object(path, SigmoidCalibration(1.0, 0.5))
    assert read_object(path) == SigmoidCalibration(1.0, 0.5)
    path.write_bytes(path.read_bytes()[:keep])
    assert read_object(path) is None
    assert read_object(tmp_path / "none.npz") is None
