import json

import pytest

from cupromark.main import main
from serving.access.keys import is_well_formed


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("CUPROMARK_SERVE_DATABASE_URL", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--state", str(tmp_path)])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def make(run, *more):
    code, out, _ = run("keys", "create", "--name", "clinic", "--scope", "predict", "--json", *more)
    assert code == 0
    return json.loads(out)


def test_a_key_is_printed_alone_so_that_it_can_be_piped_and_never_again(run):
    code, out, err = run("keys", "create", "--name", "clinic", "--scope", "predict")
    assert code == 0
    assert is_well_formed(out.strip())
    assert "cannot be shown again" in err
    assert out.strip() not in err
    for words in (("keys", "list"), ("keys", "list", "--json"), ("audit", "list", "--json")):
        _, listed, _ = run(*words)
        assert "clinic" in listed
        assert out.strip() not in listed


def test_keys_are_listed_and_revoked(run):
    made = make(run, "--scope", "operate", "--expires", "2w")
    assert made["scopes"] == ["predict", "operate"]
    (listed,) = json.loads(run("keys", "list", "--json")[1])
    assert listed == {name: value for name, value in made.items() if name != "key"}
    revoked = json.loads(run("keys", "revoke", made["id"], "--json")[1])
    assert revoked["state"] == "revoked"
    assert "revoked" in run("keys", "list")[1]
    actions = [line["action"] for line in json.loads(run("audit", "list", "--json")[1])]
    assert actions == ["key.revoked", "key.created"]


def test_keys_expire_unless_they_are_told_not_to(run):
    made = make(run)
    assert made["expires_at"] > made["created_at"]
    assert make(run, "--expires", "never")["expires_at"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "--name", "n", "--scope", "root"), "No such scope"),
        (("keys", "create", "--name", "n", "--scope", "predict", "--expires", "soon"), "90d"),
        (
            ("keys", "create", "--name", "n", "--scope", "predict", "--expires", "2020-01-01"),
            "expired",
        ),
        (("keys", "create", "--name", "", "--scope", "predict"), "name"),
        (("keys", "revoke", "nosuchid"), "no key"),
        (("audit", "list", "--since", "yesterday"), "90d"),
        (("audit", "prune", "--before", "29d"), "30 days"),
        (("keys", "list", "--database", "mysql://u:secret@localhost/x"), "mysql"),
    ],
)
def test_mistakes_end_in_a_message(run, arguments, said):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "secret" not in err


def test_the_state_of_the_tables_is_told(run):
    assert json.loads(run("database", "status", "--json")[1])["state"] == "empty"
    assert "database upgrade" in run("database", "status")[1]
    assert json.loads(run("database", "upgrade", "--json")[1])["state"] == "current"
    assert "current" in run("database", "status")[1]


def test_an_empty_list_says_what_is_next(run):
    assert "keys create" in run("keys", "list")[1]
    assert "No such line" in run("audit", "list")[1]
