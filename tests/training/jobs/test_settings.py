"""Settings are documented, and the database is found."""

import re
from pathlib import Path

from training.jobs.settings import WorkerSettings

DOCS = Path(__file__).resolve().parents[3] / "docs"
ROW = re.compile(r"^\| `CUPROMARK_WORKER_(\w+)` \| (.*?) \|", re.M)


def test_every_setting_is_documented_with_its_default():
    documented = dict(row for page in DOCS.glob("*.md") for row in ROW.findall(page.read_text()))
    fields = WorkerSettings.model_fields
    assert set(documented) == {name.upper() for name in fields}
    plain = {name: one for name, one in fields.items() if not isinstance(one.default, tuple)}
    for name, field in plain.items():
        shown = documented[name.upper()]
        expected = "" if field.default is None else f"`{field.default}`"
        assert shown == expected, name


def test_the_database_lies_in_the_store_unless_it_is_named(tmp_path):
    assert WorkerSettings(store=str(tmp_path)).jobs_database == f"sqlite:///{tmp_path}/jobs.db"
    assert WorkerSettings(store="http://mlflow:5000").jobs_database == "sqlite:///var/jobs.db"
    named = WorkerSettings(database_url="postgresql://x/y")
    assert named.jobs_database == "postgresql://x/y"
