import csv
import io
import itertools

from serving.reviews.requests import AssignmentRequest, EntryRequest, SignOffRequest

JUDGED = {"verdict": "plausible", "comment": "As in the clinic.", "reference": "10.1000/xyz"}


def entries(finding):
    return f"findings/{finding}/entries"


def sign_off(sha, decision="approve", *, drug="Cisplatin", figures="00", **more):
    return {
        "bundle_sha256": sha,
        "drug": drug,
        "decision": decision,
        "figures_sha256": figures * 32,
        **more,
    }


def test_the_queue_shows_contradicted_claims_first_and_following_next_gives_it_once(open_desk):
    whole = open_desk.get("viewer", "findings").json()
    kinds = [kind for kind, _ in itertools.groupby(one["kind"] for one in whole["items"])]
    assert kinds == ["contradicted_claim", "surprising_direction", "top_gene"]
    items, address = [], "findings?limit=2"
    while address is not None:
        body = open_desk.get("viewer", address.removeprefix("/v1/reviews/")).json()
        assert body["total"] == 7
        items += body["items"]
        address = body["next"]
    assert items == whole["items"]


FILTERED = (
    (f"bundle={'ab' * 32}", 7),
    (f"bundle={'cd' * 32}", 0),
    ("drug=Cisplatin", 6),
    ("drug=%3Dcmd()", 1),
    ("kind=top_gene", 3),
    ("kind=top_gene&kind=surprising_direction", 5),
    ("state=open", 7),
    ("state=unsure&state=plausible", 0),
    ("assignee=nobody", 7),
    ("assignee=lead", 0),
    ("search=gene1", 1),
    ("search=CISPLATIN", 6),
    ("search=%25", 0),
    ("search=_", 0),
)
WRONG_QUERIES = (
    *("limit=0", "limit=501", "limit=1&limit=2", "stat=open", "state=done", "kind=", "bundle=ab"),
    *("cursor=x", f"cursor={'A' * 36}", "search=a%00b", "drug=%00", "assignee=%1b", "search="),
)


def test_the_queue_is_filtered(open_desk):
    for query, count in FILTERED:
        body = open_desk.get("viewer", f"findings?{query}").json()
        assert (len(body["items"]), body["total"]) == (count, count), query


def test_a_query_that_is_not_right_is_a_problem(open_desk):
    for query in WRONG_QUERIES:
        answer = open_desk.get("viewer", f"findings?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["pointer"].startswith(f"?{query.split('=')[0]}"), query


def test_a_cursor_holds_for_its_filters_only(open_desk):
    following = open_desk.get("viewer", "findings?limit=2").json()["next"]
    other = f"{following}&kind=top_gene".removeprefix("/v1/reviews/")
    assert open_desk.get("viewer", other).status_code == 422


def test_a_judgement_is_answered_with_the_finding_as_it_is_then(open_desk, finding_id):
    answer = open_desk.post("reviewer", entries(finding_id), JUDGED, version=0)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    finding = open_desk.get("viewer", f"findings/{finding_id}").json()
    assert finding == answer.json()
    assert (finding["state"], finding["version"]) == ("plausible", 1)
    (entry,) = finding["history"]
    assert (entry["reviewer"], entry["reference"]) == ("reviewer", "doi:10.1000/xyz")
    assert entry["figures_sha256"] == finding["figures_sha256"]


def test_of_two_editors_the_second_is_told_what_the_first_wrote(open_desk, finding_id):
    assert open_desk.post("reviewer", entries(finding_id), JUDGED, version=0).status_code == 201
    late = {"verdict": "implausible"}
    answer = open_desk.post("other reviewer", entries(finding_id), late, version=0)
    body = answer.json()
    assert (answer.status_code, body["type"]) == (412, "/problems/edit-conflict")
    told = (body["standing"]["reviewer"], body["standing"]["verdict"], body["standing"]["comment"])
    assert told == ("reviewer", "plausible", "As in the clinic.")
    version = body["standing"]["version"]
    assert open_desk.post(
        "other reviewer", entries(finding_id), late, version=version
    ).json()["state"] == "implausible"  # fmt: skip


def test_assignments_stand_in_the_same_history(open_desk, finding_id):
    path = f"findings/{finding_id}/assignment"
    assert open_desk.post("lead", path, {"assignee": "reviewer"}, version=0).status_code == 201
    assert open_desk.post("lead", path, {"assignee": None}, version=0).status_code == 412
    found = open_desk.get("reviewer", "findings?assignee=reviewer").json()["items"]
    assert [one["id"] for one in found] == [finding_id]
    open_desk.post("lead", path, {"assignee": None}, version=1)
    history = open_desk.get("reviewer", f"findings/{finding_id}").json()["history"]
    assert [(one["what"], one["assignee"]) for one in history] == [
        ("assignment", "reviewer"),
        ("assignment", None),
    ]


def test_a_sign_off_needs_a_lead_unless_the_setting_says_otherwise(make_desk, sha):
    desk = make_desk()
    for who, status in (("viewer", 403), ("reviewer", 403), ("prometheus", 403), ("lead", 201)):
        answer = desk.post(who, "sign-offs", sign_off(sha), version=0)
        assert answer.status_code == status, who


def test_with_that_setting_a_reviewer_signs_off(make_desk, sha):
    desk = make_desk(sign_off_role="reviewer")
    answer = desk.post("reviewer", "sign-offs", sign_off(sha), version=0)
    assert answer.json()["approval"]["state"] == "approved"


def test_two_people_are_needed_where_the_rule_is_on(make_desk, sha):
    desk = make_desk(two_person_rule=True)
    for version, who, state in (
        (0, "lead", "awaiting_second_person"),
        (1, "lead", "awaiting_second_person"),
        (2, "second lead", "approved"),
    ):
        answer = desk.post(who, "sign-offs", sign_off(sha), version=version)
        assert answer.json()["approval"]["state"] == state
    (drug,) = desk.get("viewer", f"sign-offs?bundle={sha}&drug=Cisplatin").json()["items"]
    assert drug["approval"]["people"] == ["second lead", "lead"]
    assert [one["reviewer"] for one in drug["sign_offs"]] == ["lead", "lead", "second lead"]


def test_a_decision_is_about_the_figures_and_decisions_that_were_seen(open_desk, sha):
    stale = open_desk.post("lead", "sign-offs", sign_off(sha, figures="77"), version=0)
    assert stale.json()["standing"] == {"figures_sha256": "00" * 32}
    open_desk.post("lead", "sign-offs", sign_off(sha, "reject"), version=0)
    late = open_desk.post("second lead", "sign-offs", sign_off(sha), version=0)
    assert (stale.status_code, late.status_code) == (412, 412)
    assert late.json()["standing"]["decision"] == "reject"
    unknown = open_desk.post("lead", "sign-offs", sign_off(sha, drug="Aspirin"), version=0)
    assert unknown.status_code == 404


HOSTILE = (
    ({"verdict": "withdrawn!"}, "/verdict"),
    ({"verdict": True}, "/verdict"),
    ({"verdict": "unsure", "comment": "a\x00b"}, "/comment"),
    ({"verdict": "unsure", "comment": "\u202egnp.exe"}, "/comment"),
    ({"verdict": "unsure", "comment": "x" * 4001}, "/comment"),
    ({"verdict": "unsure", "comment": ["x"]}, "/comment"),
    ({"verdict": "unsure", "reference": "javascript:alert(1)"}, "/reference"),
    ({"verdict": "unsure", "reviewer": "somebody else"}, "/reviewer"),
    ({}, "/verdict"),
    ([], ""),
)


def test_hostile_judgements_are_refused_and_never_echoed(open_desk, finding_id):
    for body, pointer in HOSTILE:
        answer = open_desk.post("reviewer", entries(finding_id), body, version=0)
        assert (answer.status_code, len(answer.content) < 16_384) == (422, True), body
        assert [place["pointer"] for place in answer.json()["errors"]] == [pointer], body
        assert "alert" not in answer.text
    assert open_desk.get("reviewer", f"findings/{finding_id}").json()["history"] == []


def test_judgements_are_strict_json(open_desk, finding_id):
    headers = {"Content-Type": "application/json"}
    for raw in (b'{"verdict": NaN}', b'{"verdict":"unsure","verdict":"unsure"}', b"\xff",
                b'{"verdict": "\\ud800"}'):  # fmt: skip
        answer = open_desk.ask(
            "reviewer", "POST", entries(finding_id), version=0, content=raw, headers=headers
        )
        assert answer.json()["type"] == "/problems/malformed-json", raw


def test_a_judgement_says_which_version_it_is_about(open_desk, finding_id):
    for version in (None, "x", "1.5", "-1", "*", '"1", "2"', "9" * 30):
        headers = {} if version is None else {"If-Match": version}
        answer = open_desk.post("reviewer", entries(finding_id), JUDGED, headers=headers)
        assert answer.status_code == 422, version
        assert answer.json()["errors"][0]["pointer"] == "If-Match:"


def test_limits_belong_to_an_approval_with_limits(open_desk, sha):
    for body in ({"decision": "approve_with_limits"}, {"limits": "Lung only."}):
        answer = open_desk.post("lead", "sign-offs", {**sign_off(sha), **body}, version=0)
        assert answer.status_code == 422, body


def test_a_finding_that_is_not_there_is_a_problem(open_desk):
    for finding, status in (("x", 422), ("0" * 32, 404), ("%00", 422), ("A" * 32, 422)):
        assert open_desk.get("viewer", f"findings/{finding}").status_code == status
        answer = open_desk.post("reviewer", entries(finding), JUDGED, version=0)
        assert answer.status_code == status


def test_export_as_a_spreadsheet_holds_no_formula(open_desk, sha, finding_id):
    hostile = "=HYPERLINK(1) <script>alert(1)</script>\n@x"
    body = {"verdict": "unsure", "comment": f"\n {hostile}"}
    assert open_desk.post("reviewer", entries(finding_id), body, version=0).status_code == 201
    as_csv = {"headers": {"Accept": "text/csv"}}
    for what in ("decisions", "findings", "drugs"):
        answer = open_desk.get("reviewer", f"export?bundle={sha}&what={what}", **as_csv)
        rows = list(csv.reader(io.StringIO(answer.text, newline="")))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]
        if what == "decisions":
            assert f"'{hostile}" in rows[1]
        else:
            assert "'=cmd()" in [cell for row in rows for cell in row]


def test_export_as_json_holds_everything(open_desk, sha, finding_id):
    open_desk.post("reviewer", entries(finding_id), JUDGED, version=0)
    open_desk.post("lead", "sign-offs", sign_off(sha), version=0)
    body = open_desk.get("reviewer", f"export?bundle={sha}").json()
    assert [len(body[name]) for name in ("drugs", "findings", "decisions")] == [3, 7, 2]
    assert open_desk.get("reviewer", f"export?bundle={'cd' * 32}").status_code == 404


def test_the_audit_says_who_decided_what_on_which_figures(open_desk, sha, finding_id, clock):
    open_desk.post("reviewer", entries(finding_id), JUDGED, version=0)
    assigned = {"assignee": "lead"}
    open_desk.post("lead", f"findings/{finding_id}/assignment", assigned, version=1)
    clock.advance(5)
    limited = sign_off(sha, "approve_with_limits", limits="Lung only.")
    open_desk.post("lead", "sign-offs", limited, version=0)
    whole = open_desk.get("reviewer", "audit").json()["items"]
    assert [(one["what"], one["said"], one["reviewer"]) for one in whole] == [
        ("sign_off", "approve_with_limits", "lead"),
        ("assignment", "lead", "lead"),
        ("judgement", "plausible", "reviewer"),
    ]
    assert all(one["figures_sha256"] == "00" * 32 for one in whole)
    pages, address = [], "audit?limit=1"
    while address is not None:
        body = open_desk.get("reviewer", address.removeprefix("/v1/reviews/")).json()
        pages += body["items"]
        address = body["next"]
    assert pages == whole
    assert open_desk.get("reviewer", "audit?drug=Docetaxel").json()["items"] == []
    assert open_desk.get("reviewer", "audit?cursor=AAAA").status_code == 422


def test_nobody_writes_without_a_name(make_desk, finding_id):
    desk = make_desk(open_mode=True)
    assert desk.get(None, "findings").status_code == 200
    answer = desk.post(None, entries(finding_id), JUDGED, version=0)
    assert (answer.status_code, "has a name" in answer.json()["detail"]) == (403, True)
    assert desk.post("reviewer", entries(finding_id), JUDGED, version=0).status_code == 201


def test_bundles_at_the_desk_and_the_callers_role(open_desk, sha):
    for who, role in (("viewer", "viewer"), ("reviewer", "reviewer"), ("lead", "lead"),
                      ("admin", "admin")):  # fmt: skip
        body = open_desk.get(who, "bundles").json()
        assert body["role"] == role
        (bundle,) = body["items"]
        assert (bundle["sha256"], bundle["n_drugs"], bundle["n_findings"]) == (sha, 3, {"open": 7})


def test_examples_have_the_form_that_their_routes_take(open_desk):
    forms = {"entries": EntryRequest, "assignment": AssignmentRequest, "sign-offs": SignOffRequest}
    document = open_desk.app.openapi()
    for path, item in document["paths"].items():
        if path.startswith("/v1/reviews") and "post" in item:
            content = item["post"]["requestBody"]["content"]["application/json"]
            for example in content["examples"].values():
                forms.pop(path.rpartition("/")[2], EntryRequest).model_validate(example["value"])
    assert forms == {}
