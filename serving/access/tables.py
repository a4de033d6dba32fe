"""The tables of keys, of logins and of the audit trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from serving.database.metadata import UtcTime, metadata

# SQLite numbers rows by itself only where the column is called INTEGER.
ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("scopes", String(200), nullable=False),  # parted by blanks
    Column("rate_per_minute", Integer),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime),
)

# One row, whose number grows with every change of api_keys: what a server asks for every second.
key_changes = Table(
    "key_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("changes", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("key_id", String(200), nullable=False, index=True),
    Column("caller", String(200), nullable=False),
    Column("scopes", String(200), nullable=False),  # parted by blanks; as they were at the login
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("key_id", String(200)),
    Column("caller", String(200)),
    Column("action", String(40), nullable=False),
    Column("method", String(10)),
    Column("route", String(200)),
    Column("status", Integer),
    Column("bundle_sha256", String(64)),
    Column("bundle_version", String(40)),
    Column("profiles", Integer),
    Column("drugs", Integer),
    Column("request_id", String(64)),
    Column("detail", String(500)),
)
