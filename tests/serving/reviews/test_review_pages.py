"""Pages of the desk (`serving.pages.review_pages`), over databases of each kind."""

import re
from html import escape

import pytest

from serving.database.engine import open_database
from serving.pages.assets import load_assets
from serving.reviews.material_store import store_material

SCRIPT = "<script>alert(1)</script>=1+1"


@pytest.fixture
def look(open_desk, asgi_client):
    def look(who, path):
        headers = {"X-API-Key": open_desk.keys[who]}
        return asgi_client(open_desk.app).get(path, headers=headers)

    return look


def finding_path(finding_id, what="entries"):
    return f"findings/{finding_id}/{what}"


def test_the_desk_says_how_far_each_bundle_is(look, open_desk, sha, finding_id):
    body = {"verdict": "plausible", "comment": SCRIPT}
    assert open_desk.post("reviewer", finding_path(finding_id), body, version=0).status_code == 201
    text = look("viewer", "/reviews").text
    assert f'href="/reviews/{sha}"' in text
    assert re.search(r'Top gene</a></th><td class="number">1</td><td class="number">3</td>', text)
    assert "0 of 3</strong> supported drugs decided" in text
    assert "Judge the 6 open findings" in text


def test_an_empty_desk_says_how_to_fill_it(make_service, asgi_client):
    answer = asgi_client(make_service()).get("/reviews")
    assert answer.status_code == 200
    assert "cupromark reviews prepare --bundle challenger" in answer.text


def test_a_bundle_is_found_by_the_start_of_its_hash(look, sha):
    assert f'data-bundle="{sha}"' in look("viewer", f"/reviews/{sha[:12]}").text
    unknown = look("viewer", "/reviews/0123")
    assert unknown.status_code == 404
    assert "reviews prepare" in unknown.text


@pytest.mark.parametrize("path", ["%00", "{sha}/%00", "{sha}/Cis%00platin"])
def test_what_no_database_holds_is_no_name(look, sha, path):
    assert look("viewer", f"/reviews/{path.format(sha=sha)}").status_code == 422


def test_who_only_reads_is_told_why_and_has_no_buttons(look, sha):
    queue, drug = (
        look("viewer", f"/reviews/{sha}").text,
        look("viewer", f"/reviews/{sha}/Cisplatin").text,
    )
    assert "Judging takes a key with the scope review" in queue
    assert "data-verdict" not in queue
    assert "data-export" not in queue
    assert "Signing off takes a lead" in drug
    assert "sign-off-form" not in drug


@pytest.mark.parametrize(
    ("who", "signs"), [("reviewer", False), ("lead", True), ("admin", True)]
)  # fmt: skip
def test_leads_alone_sign_off_unless_it_is_set_otherwise(look, sha, who, signs):
    assert 'data-verdict="plausible"' in look(who, f"/reviews/{sha}").text
    assert ('id="sign-off-form"' in look(who, f"/reviews/{sha}/Docetaxel").text) == signs


def test_reviewers_sign_off_where_it_is_set(make_desk, asgi_client, sha):
    desk = make_desk(sign_off_role="reviewer")
    headers = {"X-API-Key": desk.keys["reviewer"]}
    answer = asgi_client(desk.app).get(f"/reviews/{sha}/Docetaxel", headers=headers)
    assert 'id="sign-off-form"' in answer.text


def test_in_open_mode_nobody_has_a_name_to_write_under(
    make_service, asgi_client, material, clock, sha, tmp_path
):
    app = make_service()
    database = open_database(f"sqlite:///{tmp_path / 'serving.db'}")
    store_material(database, material, clock=clock, stored_by="test")
    database.close()
    text = asgi_client(app).get(f"/reviews/{sha}").text
    assert "Nobody has a name in open mode" in text
    assert "data-verdict" not in text


def test_what_people_wrote_stays_text(look, open_desk, sha, finding_id):
    body = {"verdict": "unsure", "comment": SCRIPT, "reference": "https://x.example/?a=%3Cb"}
    open_desk.post("reviewer", finding_path(finding_id), body, version=0)
    hash_of = open_desk.get("lead", f"sign-offs?bundle={sha}&drug=Cisplatin").json()["items"][0]
    decision = {
        "bundle_sha256": sha,
        "drug": "Cisplatin",
        "decision": "approve_with_limits",
        "limits": SCRIPT,
        "figures_sha256": hash_of["figures_sha256"],
    }
    assert open_desk.post("lead", "sign-offs", decision, version=0).status_code == 201
    text = look("viewer", f"/reviews/{sha}/Cisplatin").text
    assert "<script>alert" not in text
    assert text.count(escape(SCRIPT)) >= 3  # the judgement, the decision, where the drug stands
    assert 'rel="noopener noreferrer"' in text
    assert escape("=cmd()") in look("viewer", f"/reviews/{sha}").text
    assert look("viewer", f"/reviews/{sha}/=cmd()").status_code == 200


def test_an_unknown_drug_has_a_page_that_says_so(look, sha):
    assert look("viewer", f"/reviews/{sha}/none-such").status_code == 404


def test_pieces_are_json_that_nobody_else_keeps(look, sha):
    queue = look("viewer", f"/reviews/queue/{sha}")
    assert queue.headers["cache-control"] == "no-store"
    assert len(queue.json()["findings"]["id"]) == 7
    assert look("viewer", f"/reviews/queue/{sha}?seen=0").json()["findings"] is None
    assert look("viewer", "/reviews/queue/x").status_code == 422
    claims = look("reviewer", "/reviews/claims")
    assert claims.headers["cache-control"].startswith("private")
    assert all(set(one) >= {"statement", "links"} for one in claims.json().values())


def test_whoever_is_not_logged_in_is_led_to_the_login(open_desk, asgi_client, sha):
    answer = asgi_client(open_desk.app).get(f"/reviews/{sha}?state=any")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")
    assert asgi_client(open_desk.app).get("/reviews/claims").status_code == 401


def test_every_colour_and_size_of_the_desk_is_defined():
    contents = {
        name: text.decode()
        for name, text in load_assets().contents.items()
        if name.endswith(".css")
    }
    defined = set(re.findall(r"--([a-z-]+):", contents["cards.css"] + contents["site.css"]))
    assert set(re.findall(r"var\(--([a-z-]+)\)", contents["review.css"])) <= defined
