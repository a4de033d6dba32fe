"""What docker-compose.yml must say, held against the code's own settings."""

import re
import secrets
import tomllib
from fnmatch import fnmatch

import pytest

from models.default_secrets import fault_of
from serving.settings import ServingSettings
from tests.deployment.compose_file import (
    COMPOSE,
    EXAMPLE,
    ROOT,
    MissingVariableError,
    read_env,
    services,
    variables,
)
from training.jobs.settings import WorkerSettings

FILE = COMPOSE.read_text(encoding="utf-8")
EXAMPLES = read_env(EXAMPLE.read_text(encoding="utf-8"))
SECRETS = {name for name, value in EXAMPLES.items() if value == "CHANGE_ME"}
FILLED = {n: secrets.token_hex(32) if n in SECRETS else v for n, v in EXAMPLES.items()}
OURS = {"api", "worker", "migrate", "mlflow"}
SETTINGS = {"api": ServingSettings, "worker": WorkerSettings}
# The worker asks the review desk and writes the audit trail in the service's own database.
ALSO = {"api": set(), "worker": {"CUPROMARK_SERVE_DATABASE_URL"}}


@pytest.fixture
def composed():
    return services(FILE, FILLED)


def test_the_services_are_those_of_the_architecture(composed):
    assert set(composed) == {"api", "worker", "mlflow", "postgres", "objects", "proxy", "migrate"}


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_and_the_code_know_the_same_settings(composed, service):
    settings = SETTINGS[service]
    prefix = settings.model_config["env_prefix"]
    known = {prefix + name.upper() for name in settings.model_fields}
    declared = set(composed[service].environment) | composed[service].passed_through
    ours = {name for name in declared if name.startswith("CUPROMARK_")} - ALSO[service]
    assert ours - known == set(), "named in docker-compose.yml, unknown to the code"
    assert known - ours == set(), "known to the code, not named in docker-compose.yml"


@pytest.mark.parametrize("service", SETTINGS)
def test_the_code_takes_what_compose_sets(composed, service, monkeypatch):
    for name, value in composed[service].environment.items():
        monkeypatch.setenv(name, value)
    settings = SETTINGS[service]()
    prefix = settings.model_config["env_prefix"].lower()
    for name in composed[service].environment:
        if name.lower().startswith(prefix):
            assert name.lower().removeprefix(prefix) in settings.model_fields_set


def test_nothing_falls_back_to_a_file_in_the_container(composed):
    """Keys, reviews and jobs are on Postgres, bundles in MLflow: no state is lost with an image."""
    api = ServingSettings.model_fields
    assert {"database_url", "jobs_database_url"} <= set(api)
    for service, name in (
        ("api", "CUPROMARK_SERVE_DATABASE_URL"),
        ("api", "CUPROMARK_SERVE_JOBS_DATABASE_URL"),
        ("worker", "CUPROMARK_WORKER_DATABASE_URL"),
        ("worker", "CUPROMARK_SERVE_DATABASE_URL"),
        ("migrate", "CUPROMARK_SERVE_DATABASE_URL"),
    ):
        assert composed[service].environment[name].startswith("postgresql://"), (service, name)
    assert composed["api"].environment["CUPROMARK_SERVE_STORE"] == "http://mlflow:5000"
    assert composed["worker"].environment["CUPROMARK_WORKER_STORE"] == "http://mlflow:5000"
    jobs = composed["api"].environment["CUPROMARK_SERVE_JOBS_DATABASE_URL"]
    assert composed["worker"].environment["CUPROMARK_WORKER_DATABASE_URL"] == jobs


def test_every_variable_of_the_file_is_in_the_example_and_the_reverse():
    assert variables(FILE) == set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_compose_stops_without_a_secret(name):
    with pytest.raises(MissingVariableError, match=name):
        services(FILE, FILLED | {name: ""})


def test_every_placeholder_is_one_that_start_up_refuses():
    assert len(SECRETS) >= 7
    assert all(fault_of(EXAMPLES[name]) for name in SECRETS)
    assert not [name for name in SECRETS if fault_of(FILLED[name])]


def test_only_the_proxy_is_reachable(composed):
    assert {name for name, each in composed.items() if "ports" in each.about} == {"proxy"}
    on_the_edge = {n for n, each in composed.items() if "edge" in each.about["networks"]}
    assert on_the_edge == {"proxy", "worker"}  # the worker fetches public data


@pytest.mark.parametrize("service", sorted(OURS))
def test_our_processes_may_do_little(composed, service):
    about = composed[service].about
    assert about["user"] == "10001:10001"
    assert about["read_only"] is True
    assert about["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in about["security_opt"]


def test_every_service_has_a_limit_a_version_and_a_restart_rule(composed):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, service in composed.items():
        assert "mem_limit" in service.about, name
        assert "restart" in service.about, name
        tag = service.about["image"].partition(":")[2]
        assert tag not in {"", "latest"}, name
        if name in OURS:
            assert tag == version["version"]


def test_who_is_waited_for_says_when_it_is_ready(composed):
    for name, service in composed.items():
        for other, rule in service.about.get("depends_on", {}).items():
            if rule["condition"] == "service_healthy":
                assert "healthcheck" in composed[other].about, f"{name} waits for {other}"


def test_every_file_that_is_mounted_is_there(composed):
    mounted = [
        volume.split(":")[0]
        for service in composed.values()
        for volume in service.about.get("volumes", [])
        if volume.startswith("./")
    ]
    assert len(mounted) >= 3
    assert [path for path in mounted if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CUPROMARK_SERVE_PORT:", "CUPROMARK_SERVE_PROT:"),
        ("  CUPROMARK_SERVE_MAX_GENES:\n", ""),
        ("  CUPROMARK_WORKER_STORE: ", "  CUPROMARK_WORKER_STORES: "),
    ],
)
def test_a_misspelt_or_forgotten_setting_would_be_noticed(old, new):
    assert old in FILE
    service = "worker" if "WORKER" in old else "api"
    changed = services(FILE.replace(old, new), FILLED)
    with pytest.raises(AssertionError):
        test_compose_and_the_code_know_the_same_settings(changed, service)


def test_every_file_that_the_image_takes_is_there_and_not_ignored():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [
        source
        for line in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", dockerfile)
        for source in line.split()
    ]
    assert len(copied) >= 10
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, k[1:]) or source.startswith(f"{k[1:]}/") for k in kept), source
