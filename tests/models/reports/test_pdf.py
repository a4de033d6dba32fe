import re
import sys

import pytest

from models.errors import ReportError
from models.reports.page import report_page
from models.reports.pdf import find_browser, html_to_pdf


@pytest.fixture(scope="module")
def printed(maker):
    find_browser()
    page = report_page(maker.report("Elesclomol"))
    return html_to_pdf(page, created_at="2026-01-02T03:04:05+00:00"), page


def test_the_same_page_gives_the_same_bytes(printed):
    pdf, page = printed
    assert html_to_pdf(page, created_at="2026-01-02T03:04:05+00:00") == pdf


def test_a_pdf_has_pages_and_bears_the_date_of_the_bundle(printed):
    pdf, _ = printed
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 5
    dates = re.findall(rb"Date \(D:(\d{14})", pdf)
    assert set(dates) == {b"20260102030405"}


def test_without_a_browser_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReportError, match="apt-get install chromium"):
        find_browser()


def make_browser(tmp_path, body):
    path = tmp_path / "browser"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('no display', file=sys.stderr); sys.exit(3)", "code 3 .no display"),
        ("sys.exit(0)", "code 0 .no message"),
    ],
)
def test_a_browser_that_fails_is_named_with_its_last_words(tmp_path, body, said):
    with pytest.raises(ReportError, match=said):
        html_to_pdf("<p>", created_at="", browser=make_browser(tmp_path, body))


def test_a_browser_that_is_not_there_is_named():
    with pytest.raises(ReportError, match="could not be started"):
        html_to_pdf("<p>", created_at="", browser="/nowhere/chromium")
