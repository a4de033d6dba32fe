from urllib.parse import parse_qs, urlsplit

from features.claims import load_claims
from serving.pages.claim_sources import claims_with_sources

HOSTS = {"pubmed.ncbi.nlm.nih.gov", "doi.org"}


def test_every_claim_is_there_with_its_source():
    told = claims_with_sources()
    assert set(told) == {claim.claim_id for claim in load_claims()}
    assert all(one["statement"] and one["source"] for one in told.values())


def test_links_lead_to_pubmed_and_doi_alone_and_hold_no_blanks():
    addresses = [link["address"] for one in claims_with_sources().values() for link in one["links"]]
    assert addresses
    for address in addresses:
        parts = urlsplit(address)
        assert (parts.scheme, parts.hostname in HOSTS) == ("https", True)
        assert " " not in address


def test_a_cited_work_is_sought_by_its_author_and_year():
    (cited,) = claims_with_sources()["slc31a1-down-oxaliplatin-resistance-crc"]["links"]
    assert cited["words"] == "PubMed: Tsimberidou et al., 2015"
    sought = parse_qs(urlsplit(cited["address"]).query)["term"]
    assert sought == ["Tsimberidou[au] 2015[dp] SLC31A1"]


def test_a_number_of_a_list_of_references_names_the_review():
    numbered = [
        link["words"]
        for one in claims_with_sources().values()
        for link in one["links"]
        if ", reference " in link["words"]
    ]
    assert numbered
    assert {words.split(",")[0] for words in numbered} <= {"Huang et al.", "Al-Mutairi"}
