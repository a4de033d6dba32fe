import re
import secrets
from pathlib import Path

import pytest

from models.default_secrets import fault_of, refuse_default_password, refuse_default_secrets
from models.errors import SecretsError

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def test_random_secrets_pass():
    for _ in range(200):
        refuse_default_secrets({"A": secrets.token_hex(32), "B": secrets.token_urlsafe(16)})


@pytest.mark.parametrize(
    "secret",
    ["", "CHANGE_ME", "change-me", "Change Me", "password", "minioadmin", "x" * 40, "a1b2c3"],
)
def test_what_protects_nothing_is_refused_by_the_name_of_its_setting_alone(secret):
    with pytest.raises(SecretsError, match="SOME_SECRET") as refusal:
        refuse_default_secrets({"FINE": secrets.token_hex(32), "SOME_SECRET": secret})
    assert "FINE" not in str(refusal.value)
    assert len(secret) < 8 or secret not in str(refusal.value)


def test_every_placeholder_of_the_example_file_is_refused():
    lines = re.findall(r"^([A-Z_]+)=(CHANGE_ME)$", EXAMPLE.read_text(encoding="utf-8"), re.M)
    assert len(lines) >= 7
    assert all(fault_of(value) for _, value in lines)


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("postgresql://cupromark:postgres@db.example:5432/cupromark", True),
        ("postgresql://cupromark:@db.example/cupromark", True),
        ("postgresql://cupromark:CHANGE_ME@localhost/cupromark", True),
        ("postgresql://cupromark:CHANGE%5FME@db/cupromark", True),
        ("postgresql://cupromark:postgres@localhost/cupromark", False),
        ("postgresql://cupromark@db.example/cupromark", False),
        (f"postgresql://cupromark:{'0123456789abcdef' * 2}@db.example/cupromark", False),
        ("sqlite:///var/serving.db", False),
    ],
)
def test_a_password_in_an_address(address, refused):
    if not refused:
        refuse_default_password("DATABASE_URL", address)
        return
    with pytest.raises(SecretsError, match="password in DATABASE_URL"):
        refuse_default_password("DATABASE_URL", address)
