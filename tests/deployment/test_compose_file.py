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
PACKAGES = ("cupromark", "features", "models", "training", "serving")
NAME = re.compile(r"[\"'](CUPROMARK_[A-Z_]+[A-Z])[\"']")
# The API has its cache for itself, the worker its folder and a name of its own for the database of
# the jobs; the last two are for whoever asks a service from elsewhere.
NOT_EVERYWHERE = {
    "CUPROMARK_SERVE_CACHE",
    "CUPROMARK_WORKER_DATABASE_URL",
    "CUPROMARK_WORKER_STATE",
    "CUPROMARK_URL",
    "CUPROMARK_API_KEY",
}
BESIDE_A_JOB_BYTES = 1024**3


@pytest.fixture
def composed():
    return services(FILE, FILLED)


def test_the_services_are_those_of_the_architecture(composed):
    assert set(composed) == {"api", "worker", "mlflow", "postgres", "objects", "proxy", "migrate"}


def settings_of(service):
    prefix = SETTINGS[service].model_config["env_prefix"]
    return {prefix + name.upper() for name in SETTINGS[service].model_fields}


def named_in(*folders):
    """Variables of ours that code asks the environment for by name, whoever sets them."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    assert files
    return {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}


def read_by(service):
    """What a container's process and the commands that are run in it read."""
    if service == "mlflow":
        return named_in("deploy")
    if service == "migrate":
        return {"CUPROMARK_SERVE_DATABASE_URL"}
    by_commands = named_in(*PACKAGES) - NOT_EVERYWHERE
    assert {"CUPROMARK_STORE", "CUPROMARK_CACHE", "CUPROMARK_MIRROR"} <= by_commands
    return settings_of(service) | by_commands


def ours_of(service):
    return {name for name in service.declared if name.startswith("CUPROMARK_")}


@pytest.mark.parametrize("service", sorted(OURS))
def test_compose_and_the_code_know_the_same_settings(composed, service):
    """A command that does not find the store would work on an empty one of its own."""
    known, ours = read_by(service), ours_of(composed[service])
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


@pytest.mark.parametrize("service", ["api", "worker"])
def test_commands_work_on_the_store_and_the_databases_of_the_services(composed, service):
    where = composed[service].environment
    assert where["CUPROMARK_STORE"] == composed["api"].environment["CUPROMARK_SERVE_STORE"]
    assert where["CUPROMARK_STORE"] == composed["worker"].environment["CUPROMARK_WORKER_STORE"]
    jobs = composed["worker"].environment["CUPROMARK_WORKER_DATABASE_URL"]
    assert where["CUPROMARK_SERVE_JOBS_DATABASE_URL"] == jobs
    assert where["MLFLOW_TRACKING_PASSWORD"] == FILLED["MLFLOW_PASSWORD"]
    assert where["CUPROMARK_CACHE"] in mounts(composed[service])


def test_a_mirror_that_is_named_reaches_those_who_fetch():
    named = services(FILE, FILLED | {"CUPROMARK_MIRROR": "https://mirror.example"})
    assert named["worker"].environment["CUPROMARK_MIRROR"] == "https://mirror.example"
    assert "CUPROMARK_MIRROR" not in services(FILE, FILLED)["worker"].environment


def test_a_job_fails_with_its_reason_before_the_kernel_ends_some_process(composed):
    at_most = int(composed["worker"].environment["CUPROMARK_WORKER_MEMORY_BYTES_PER_CHILD"])
    assert composed["worker"].memory_bytes - at_most >= BESIDE_A_JOB_BYTES
    not_set = {name: value for name, value in FILLED.items() if "MEMORY" not in name}
    assert len(not_set) == len(FILLED) - 2
    worker = services(FILE, not_set)["worker"]  # an .env of before
    assert worker.environment["CUPROMARK_WORKER_MEMORY_BYTES_PER_CHILD"] == str(at_most)
    assert worker.memory_bytes == composed["worker"].memory_bytes


def mounts(service):
    """Folders of the container that volumes hold."""
    volumes = [volume.split(":") for volume in service.about.get("volumes", [])]
    return {there for here, there, *_ in volumes if not here.startswith("./")}


@pytest.mark.parametrize("service", ["api", "worker"])
def test_every_volume_is_mounted_where_the_image_has_a_folder_of_our_user(composed, service):
    """A new volume is given the owner of what it covers: of nothing, root, and nobody can write."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    made = set(re.findall(r"--home-dir (\S+) --create-home cupromark", dockerfile))
    made |= set(re.findall(r"install --directory --owner cupromark --group \w+ (\S+)", dockerfile))
    assert mounts(composed[service]) == made
    assert not [one for one in made if any(one.startswith(f"{other}/") for other in made)]


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
        ("  CUPROMARK_STORE: http://mlflow:5000\n", ""),
        ("  CUPROMARK_MIRROR:\n", ""),
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
