import pytest

from models.database_address import NotAnAddressError, parse_database_address


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///var/serving.db", "sqlite+pysqlite"),
        ("sqlite+pysqlite:///var/serving.db", "sqlite+pysqlite"),
        ("postgres://u:p@host/name", "postgresql+psycopg"),
        ("postgresql://u:p@host/name", "postgresql+psycopg"),
    ],
)
def test_addresses_name_their_driver(given, driver):
    assert parse_database_address(given).drivername == driver


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", "is no URL"),
        ("secret", "is no URL"),
        ("postgresql://u:secret@host:no-port/x", "is no URL"),
        ("mysql://u:secret@host/x", "begins with 'mysql'"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_other_addresses_are_refused_without_showing_their_password(given, found):
    with pytest.raises(NotAnAddressError, match=found) as caught:
        parse_database_address(given)
    assert "secret" not in str(caught.value)
