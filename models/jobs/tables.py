"""The tables of the jobs, beside those of DBOS in the same database."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
)

from models.jobs.database import is_sqlite, reading, writing
from models.jobs.errors import BoardUnusable

FORMAT = 1
POSTGRES_LOCK = 0x6375_706A  # "cupj": the number of the advisory lock that makers of tables take

metadata = MetaData()

jobs_format = Table("cupromark_jobs_format", metadata, Column("format", Integer, nullable=False))

jobs = Table(
    "cupromark_jobs",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order in which they were submitted
    Column("job_id", String(64), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", String(32)),
    Column("percent", Double, nullable=False),
    Column("seconds_left", Double),
    Column("reason", Text),
    Column("outcome", String(32)),
    Column("reasons", JSON, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("run_id", String(64)),
    Column("experiment_id", String(64)),
    Column("version", String(32)),
    Column("submitted_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("submitted_by", String(200), nullable=False),
    Column("idempotency_key", String(255)),
    Column("executor_id", String(200)),
    Column("attempt", Integer, nullable=False),
    Column("n_lines", Integer, nullable=False),
    UniqueConstraint("submitted_by", "idempotency_key"),
    Index("ix_cupromark_jobs_state", "state", "number"),
    Index("ix_cupromark_jobs_kind", "kind", "number"),
    sqlite_autoincrement=True,  # a number is never given twice
)

job_log = Table(
    "cupromark_job_log",
    metadata,
    Column("job_id", ForeignKey(jobs.c.job_id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("level", String(16), nullable=False),
    Column("text", Text, nullable=False),
)

executors = Table(
    "cupromark_executors",
    metadata,
    Column("executor_id", String(200), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("beat_at", Double, nullable=False),
    Column("lapse_seconds", Double, nullable=False),
    Column("job_id", String(64)),
    Column("taken_at", Double),  # when another worker began to take its jobs over
    Column("token", String(64)),  # of the folder that the worker keeps; came after format 1 began
)

schedules = Table(
    "cupromark_schedules",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("cron", String(200), nullable=False),
    Column("time_zone", String(80), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),  # the next run that nobody has submitted yet
    Column("last_due_at", Double),
    Column("last_job_id", String(64)),
    Column("note", Text),
)

notifications = Table(
    "cupromark_notifications",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("message_id", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("event", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("next_at", Double),  # None once it was delivered or given up
    Column("n_attempts", Integer, nullable=False),
    Column("delivered_at", Double),
    Column("trouble", Text),
    UniqueConstraint("message_id", "url"),
    Index("ix_cupromark_notifications_next", "next_at"),
    sqlite_autoincrement=True,
)


def prepare_tables(engine: Engine) -> None:
    """Make the tables of DBOS and then ours, once, one process at a time.

    Raises
    ------
    BoardAway
        The database does not answer.
    BoardUnusable
        A later release has made the tables.
    """
    found = _format_of(engine)
    if found is None:
        from models.jobs.durable import migrate

        migrate(engine)
        found = _make_tables(engine)
    if found != FORMAT:
        raise BoardUnusable(
            f"The tables of the jobs have the format {found}.",
            needed=f"format {FORMAT}, which this release of cupromark works with.",
            remedy="start the release that made them, or name another database.",
        )
    with reading(engine) as connection:
        is_whole = _has_token(connection)
    if not is_whole:
        _add_token(engine)


def _format_of(engine: Engine) -> int | None:
    with reading(engine) as connection:
        if not inspect(connection).has_table(jobs_format.name):
            return None
        return connection.execute(select(jobs_format.c.format)).scalar()


def _has_token(connection: Connection) -> bool:
    columns = inspect(connection).get_columns(executors.name)
    return executors.c.token.name in {column["name"] for column in columns}


def _add_token(engine: Engine) -> None:
    """Add the column that tables of earlier releases lack; those releases pass it over."""
    with writing(engine) as connection:
        _lock(connection)
        if not _has_token(connection):
            connection.execute(text(f"ALTER TABLE {executors.name} ADD COLUMN token VARCHAR(64)"))


def _lock(connection: Connection) -> None:
    if not is_sqlite(connection.engine):
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(lock, {"number": POSTGRES_LOCK})


def _make_tables(engine: Engine) -> int:
    with writing(engine) as connection:
        _lock(connection)
        metadata.create_all(connection)
        found = connection.execute(select(jobs_format.c.format)).scalar()
        if found is None:
            connection.execute(insert(jobs_format).values(format=FORMAT))
        return FORMAT if found is None else found
