from urllib.parse import urlsplit

import pytest

from serving.pages.next_page import next_page


@pytest.mark.parametrize(
    "address", ["/", "/drugs", "/drugs/A%2FB%3F", "/claims?drug=Cisplatin&gene=A", "/reviews#x"]
)
def test_an_address_of_this_service_is_kept(address):
    assert next_page(address) == address


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "drugs",
        "https://evil.test/",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\r\nSet-Cookie: a=b",
        "/drugs\r\n\r\n<script>",
        "/drugs\0",
        " //evil.test",
        "javascript:alert(1)",
        "/login?next=/login",
        "/logout",
        "/" + "a" * 2_000,
        "/\u2028",
    ],
)
def test_whatever_could_lead_elsewhere_leads_to_the_front_page(text):
    assert next_page(text) == "/"


@pytest.mark.parametrize("text", ["/ä ö", '/"><script>', "/a b?c=d e", "/%zz", "/@evil.test"])
def test_what_is_odd_stays_an_address_of_this_host_without_a_line_break(text):
    address = next_page(text)
    assert address.isascii()
    assert not set(address) & set('\r\n\t "<>\\')
    assert urlsplit(address).netloc == ""
    assert urlsplit(f"http://here{address}").hostname == "here"
