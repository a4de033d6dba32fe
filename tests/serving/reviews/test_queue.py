import pytest
from sqlalchemy import text

from serving.reviews.material_store import find_bundle, list_bundles, store_material
from serving.reviews.queue import Filters, list_findings, queue_query
from serving.reviews.words import KINDS

N_FINDINGS, OTHER = 20_000, "cd" * 32


@pytest.fixture
def full_desk(desk, make_finding, make_material, clock):
    """A desk with 20,000 findings of 100 drugs."""
    drugs = tuple(f"Drug {at}" for at in range(100))
    findings = [
        make_finding(
            at, drug=drugs[at % 100], kind=KINDS[at % 5], sha256=OTHER, share=at / N_FINDINGS
        )
        for at in range(N_FINDINGS)
    ]
    material = make_material(findings, sha256=OTHER, drugs=drugs)
    assert store_material(desk, material, clock=clock, stored_by="test")
    with desk.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return desk


def plan_of(database, query):
    compiled = query.compile(database.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN (ANALYZE)"
    with database.reading() as connection:
        rows = connection.exec_driver_sql(f"{explain} {compiled}").all()
    return "\n".join(str(row[-1]) for row in rows)


FILTERS = (
    Filters(),
    Filters(bundle_sha256=OTHER),
    Filters(bundle_sha256=OTHER, states=("open",)),
    Filters(bundle_sha256=OTHER, drug="Drug 7"),
    Filters(bundle_sha256=OTHER, kinds=("top_gene",)),
)


def test_a_page_of_20_000_findings_is_a_stretch_of_an_index(full_desk):
    for filters in FILTERS:
        first = list_findings(full_desk, filters, limit=50).findings
        for after in (None, (first[-1]["priority"], first[-1]["id"])):
            plan = plan_of(full_desk, queue_query(filters, limit=51, after=after))
            assert "ix_review_findings" in plan, (filters, plan)
            if filters.drug is None:  # a drug's few findings may as well be sorted
                assert "SORT" not in plan.upper(), (filters, plan)
                assert "TEMP B-TREE" not in plan, (filters, plan)
                assert "SEQ SCAN" not in plan.upper(), (filters, plan)


def test_pages_hold_every_finding_once_and_in_order(full_desk):
    filters, cursor, seen = Filters(bundle_sha256=OTHER, kinds=("top_gene", "top_set")), None, []
    while True:
        page = list_findings(full_desk, filters, limit=500, cursor=cursor)
        seen += [(one["priority"], one["id"]) for one in page.findings]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert page.total == len(seen) == len(set(seen)) == N_FINDINGS * 2 // 5
    assert seen == sorted(seen)


def test_findings_are_put_there_once_and_for_all(desk, material, make_material, clock, sha):
    before = list_findings(desk, Filters(), limit=100)
    other = make_material([], sha256=sha)
    assert not store_material(desk, material, clock=clock, stored_by="test")
    assert not store_material(desk, other, clock=clock, stored_by="test")
    assert list_findings(desk, Filters(), limit=100) == before
    (bundle,) = list_bundles(desk)
    assert (bundle.sha256, bundle.n_findings) == (sha, {"open": 7})
    assert find_bundle(desk, sha[:8]) == sha
