import pytest

from serving.reviews.references import parse_reference, reference_address


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("10.1126/science.abf0529", "doi:10.1126/science.abf0529"),
        (" doi: 10.1126/science.abf0529 ", "doi:10.1126/science.abf0529"),
        ("https://doi.org/10.1000/a(b)<c>", "doi:10.1000/a(b)<c>"),
        ("PMID: 35298263", "pmid:35298263"),
        ("pmid35298263", "pmid:35298263"),
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_references_are_written_in_one_form(given, written):
    assert parse_reference(given) == written
    assert parse_reference(written) == written


@pytest.mark.parametrize(
    "given",
    ["", "see the paper", "10.1/x", "10.1000/", "pmid:0", "pmid:1234567890", "javascript:alert(1)",
     "ftp://example.org", "https://", "https://a b", "https://bank.example@evil.example/",
     "https://example.org/<script>", "https://[::1", "10.1000/a\nb", "data:text/html,x",
     "https://example.org/\u202ex", "=cmd()", f"https://example.org/{'x' * 500}"],
)  # fmt: skip
def test_anything_else_is_refused_without_being_repeated(given):
    with pytest.raises(ValueError, match="no DOI") as refused:
        parse_reference(given)
    assert given in ("", "10.1000/") or given not in str(refused.value)


def test_a_reference_leads_to_where_a_person_may_look_it_up():
    given = {
        "doi:10.1126/science.abf0529": "https://doi.org/10.1126/science.abf0529",
        'doi:10.1/<b>"x"': "https://doi.org/10.1/%3Cb%3E%22x%22",
        "pmid:35298263": "https://pubmed.ncbi.nlm.nih.gov/35298263/",
        "https://example.org/a?b=c": "https://example.org/a?b=c",
    }
    assert {name: reference_address(name) for name in given} == given
