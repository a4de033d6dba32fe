import pytest

from serving.access.callers import OPEN_MODE_CALLER, Caller, held_scopes, parse_scopes
from serving.errors import ForbiddenError
from serving.reviews.reviewers import named_reviewer, refuse_all_but_leads, role_of


def caller(*words):
    return Caller("k3v9x0qa", "Anna", held_scopes(parse_scopes(words)))


@pytest.mark.parametrize(
    ("scopes", "role"),
    [
        (("predict",), "viewer"),
        (("review",), "reviewer"),
        (("predict", "review"), "reviewer"),
        (("review", "operate"), "lead"),
        (("admin",), "admin"),
        (("operate",), None),
        (("predict", "operate"), "viewer"),
    ],
)
def test_roles_follow_from_scopes(scopes, role):
    assert role_of(caller(*scopes)) == role


def test_leads_alone_pass_where_leads_are_asked_for():
    refuse_all_but_leads(named_reviewer(caller("review", "operate")), "do it")
    refuse_all_but_leads(named_reviewer(caller("admin")), "do it")
    with pytest.raises(ForbiddenError, match="who alone may do it"):
        refuse_all_but_leads(named_reviewer(caller("review")), "do it")


def test_nobody_has_a_name_in_open_mode():
    with pytest.raises(ForbiddenError):
        named_reviewer(OPEN_MODE_CALLER)
