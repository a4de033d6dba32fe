import ast
import itertools
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import serving.settings
from serving.settings import ServingSettings

DOCS = Path(__file__).parents[2] / "docs" / "serving.md"


def written_meanings():
    """The docstring under each field of the class."""
    module = ast.parse(Path(serving.settings.__file__).read_text())
    body = next(node for node in module.body if isinstance(node, ast.ClassDef)).body
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def test_every_setting_is_documented_as_it_is():
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", DOCS.read_text(), re.MULTILINE))
    assert rows == written_meanings()
    assert list(rows) == list(ServingSettings.model_fields)


def test_documented_defaults_are_the_defaults():
    shown = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(), re.MULTILINE))
    for name, field in ServingSettings.model_fields.items():
        default = field.default
        if default is None or default == ():
            assert shown[name] in {"none", "`[]`"}
        elif isinstance(default, bool):
            assert shown[name] == str(default).lower()
        elif isinstance(default, int | float):
            assert float(shown[name].partition(" ")[0]) == default
        else:
            assert shown[name] == str(default)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CUPROMARK_SERVE_PORT", "9000")
    monkeypatch.setenv("CUPROMARK_SERVE_CORS_ORIGINS", '["https://lab.example"]')
    settings = ServingSettings(host="::1")
    assert (settings.port, settings.host) == (9000, "::1")
    assert settings.cors_origins == ("https://lab.example",)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_open_mode_is_for_loopback(host):
    assert ServingSettings(host=host, open_mode=True).open_mode


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.evil"])  # noqa: S104
def test_open_mode_elsewhere_is_refused(host):
    with pytest.raises(ValidationError, match="not a loopback"):
        ServingSettings(host=host, open_mode=True)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "0.0.0.0", "trusted_proxies": ("*",)},  # noqa: S104
        {"oidc_issuer": "https://id.example"},
        {"port": 70_000},
        {"surprise": 1},
        {"body_seconds": 0},
    ],
)
def test_what_makes_no_sense_is_refused(given):
    with pytest.raises(ValidationError):
        ServingSettings(**given)


def test_the_password_of_the_database_is_not_shown():
    settings = ServingSettings(database_url="postgresql://me:hush@db/x")
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()
    assert settings.effective_database_url.endswith("hush@db/x")


def test_state_holds_database_and_cache_unless_told_otherwise(tmp_path):
    settings = ServingSettings(state=tmp_path)
    assert settings.effective_database_url == f"sqlite:///{tmp_path / 'serving.db'}"
    assert settings.cache_folder == tmp_path / "bundles"
    assert ServingSettings(cache=tmp_path / "c").cache_folder == tmp_path / "c"
