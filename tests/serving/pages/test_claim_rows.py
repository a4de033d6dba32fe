from serving.pages.claim_rows import claims_page


def test_a_claim_and_its_opposite_lead_to_each_other():
    rows = {row["id"]: row for row in claims_page()["rows"]}
    opposed = [row for row in rows.values() if row["opposing"]]
    assert opposed
    for row in opposed:
        for claim_id, _ in row["opposing"]:
            assert rows[claim_id]["direction"] != row["direction"]
            assert row["id"] in [back for back, _ in rows[claim_id]["opposing"]]


def test_every_claim_names_its_subject_and_its_source():
    rows = claims_page()["rows"]
    assert all(row["subject"] != "not stated" and row["source"] for row in rows)
