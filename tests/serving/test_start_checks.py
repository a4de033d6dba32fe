import time

import pytest

from models.errors import SecretsError
from serving.access.key_store import KeyStore
from serving.access.opening import open_access
from serving.database.engine import open_database
from serving.database.errors import DatabaseUnusableError
from serving.errors import SettingsError
from serving.settings import ServingSettings
from serving.start_checks import (
    check_writable,
    read_settings,
    refuse_unsafe_secrets,
    with_open_mode,
)


def test_what_is_not_given_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("CUPROMARK_SERVE_PORT", "9000")
    assert read_settings(port=None).port == 9000
    assert read_settings(port=9001).port == 9001


def test_wrong_settings_are_named_without_their_values():
    with pytest.raises(SettingsError) as refused:
        read_settings(port=123456, database_url="hush")
    assert "port" in refused.value.found
    assert "123456" not in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be written"):
        check_writable(tmp_path / "file" / "state")
    check_writable(tmp_path / "new" / "state")
    assert list((tmp_path / "new" / "state").iterdir()) == []


def test_a_loopback_service_is_open_until_there_is_a_key(tmp_path):
    settings = ServingSettings(state=tmp_path)
    assert with_open_mode(settings).open_mode
    database = open_database(settings.effective_database_url)
    KeyStore(database, clock=time.time).create("me", ["predict"], created_by="me", expires_at=None)
    database.close()
    assert not with_open_mode(settings).open_mode


@pytest.mark.parametrize(
    "given",
    [
        {"open_mode": False},
        {"host": "192.168.1.5"},
        {"oidc_issuer": "https://id.example", "oidc_audience": "x"},
        {"database_url": "postgresql://nobody@/nothing?host=/nowhere"},
    ],
)
def test_nothing_else_opens_the_service(tmp_path, given):
    assert not with_open_mode(ServingSettings(state=tmp_path, **given)).open_mode


def test_a_variable_that_is_no_setting_is_refused_and_the_right_one_named(monkeypatch):
    monkeypatch.setenv("CUPROMARK_SERVE_RATE_PER_MINIT", "3")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "CUPROMARK_SERVE_RATE_PER_MINIT" in refused.value.found
    assert "CUPROMARK_SERVE_RATE_PER_MINUTE?" in refused.value.remedy


def test_a_database_that_is_none_keeps_the_service_from_starting(tmp_path):
    settings = ServingSettings(state=tmp_path)
    (tmp_path / "serving.db").write_bytes(b"not SQLite" * 1_000)
    with pytest.raises(DatabaseUnusableError, match="not a database"):
        with_open_mode(settings)
    access = open_access(settings, clock=time.time, monotonic=time.monotonic)
    with pytest.raises(DatabaseUnusableError):
        access.start()
    access.close()


@pytest.mark.parametrize("setting", ["database_url", "jobs_database_url"])
def test_a_placeholder_as_password_of_a_database_is_refused(setting):
    fine = ServingSettings(**{setting: f"postgresql://me:{'0123456789abcdef' * 2}@db/cupromark"})
    refuse_unsafe_secrets(fine)
    unsafe = ServingSettings(**{setting: "postgresql://me:CHANGE_ME@db/cupromark"})
    with pytest.raises(SecretsError, match=f"CUPROMARK_SERVE_{setting.upper()}"):
        refuse_unsafe_secrets(unsafe)


def test_a_placeholder_as_password_of_mlflow_is_refused_where_there_is_a_server(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "CHANGE_ME")
    refuse_unsafe_secrets(ServingSettings(store="var"))
    with pytest.raises(SecretsError, match="MLFLOW_TRACKING_PASSWORD"):
        refuse_unsafe_secrets(ServingSettings(store="http://mlflow:5000"))
