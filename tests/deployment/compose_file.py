"""docker-compose.yml as Compose reads it: anchors merged, ${VARIABLES} filled in from .env."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE, EXAMPLE = ROOT / "docker-compose.yml", ROOT / ".env.example"
VARIABLE = re.compile(
    r"\$(?:\$|\{(?P<name>[A-Z_]+)(?:(?P<how>:-|:\?)(?P<rest>[^}]*))?\}|(?P<bare>\w+))"
)


class MissingVariableError(Exception):
    """Compose would stop: a variable that has to be given is not, or is empty."""


@dataclass(frozen=True)
class Service:
    """One service of the file."""

    name: str
    about: Mapping[str, Any]
    given: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """What a container sees: variables with a value in the file, and those taken over."""
        values = {n: self.given.get(n) if v is None else v for n, v in self._declared.items()}
        return {n: str(v) for n, v in values.items() if v is not None}

    @property
    def passed_through(self) -> set[str]:
        """Variables that are taken over from .env when they are set there."""
        return {name for name, value in self._declared.items() if value is None}

    @property
    def declared(self) -> set[str]:
        """Variables that the file names."""
        return set(self._declared)

    @property
    def memory_bytes(self) -> int:
        """Limit of the container's memory."""
        number, unit = re.fullmatch(r"(\d+)([mg])", self.about["mem_limit"]).groups()
        return int(number) * {"m": 1024**2, "g": 1024**3}[unit]

    @property
    def _declared(self) -> Mapping[str, Any]:
        declared: Mapping[str, Any] = self.about.get("environment", {})
        return declared


def services(text: str, given: Mapping[str, str]) -> dict[str, Service]:
    """Read the services with variables filled in; MissingVariableError as Compose would."""
    described = yaml.safe_load(_filled(text, given))
    return {name: Service(name, about, given) for name, about in described["services"].items()}


def variables(text: str) -> set[str]:
    """Names of the variables that the file takes from .env."""
    uncommented = re.sub(r"(?m)^\s*#.*$", "", text)
    return {found["name"] for found in VARIABLE.finditer(uncommented) if found["name"]}


def read_env(text: str) -> dict[str, str]:
    """Read the lines NAME=value of an .env file."""
    return dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", text))


def _filled(text: str, given: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        value = given.get(name, "")
        if not value and found["how"] == ":?":
            raise MissingVariableError(f"{name}: {found['rest']}")
        return value or (found["rest"] if found["how"] == ":-" else "")

    return VARIABLE.sub(fill, re.sub(r"(?m)^\s*#.*$", "", text))
