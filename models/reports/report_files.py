"""Reports as files: one, or a folder of them with a page that leads to each."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from models.cards.figures import figure_at, figure_text
from models.cards.page import html_page
from models.cards.sentences import STATUS_MEANS
from models.errors import ReportError
from models.reports.content import DrugReport
from models.reports.page import report_page
from models.reports.pdf import find_browser, html_to_pdf
from models.reports.report_maker import ReportMaker

FORMATS = ("html", "pdf")


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written; `missing` says which parts the bundle does not allow, and why."""

    drug: str
    status: str
    roc_auc: str
    path: Path
    n_bytes: int
    missing: tuple[str, ...]


def write_report(report: DrugReport, path: Path, *, browser: str | None = None) -> WrittenReport:
    """Write a report whole or not at all; the ending of `path` says whether as HTML or as PDF.

    Raises
    ------
    ReportError
        Another ending, a place that cannot be written, or no Chromium to print with.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise ReportError(
            f"A report called {path.name}.",
            needed="a name that ends in .html or .pdf.",
            remedy="rename it; for reports of several drugs name them with --drugs.",
        )
    page = report_page(report)
    content = page.encode()
    if ending == "pdf":
        content = html_to_pdf(page, created_at=report.created_at, browser=browser)
    write_whole(path, content)
    roc_auc = figure_text(figure_at(report.card, "roc_auc"))
    return WrittenReport(report.drug, report.status, roc_auc, path, len(content), report.missing)


def write_reports(
    maker: ReportMaker,
    drugs: Sequence[str],
    folder: Path,
    *,
    ending: str = "html",
    done: Callable[[WrittenReport], None] = lambda _: None,
) -> list[WrittenReport]:
    """Write a report for every drug, and index.html that leads to them.

    Parameters
    ----------
    drugs
        Names in the bundle.
    ending
        html or pdf.
    done
        Called after each report.
    """
    browser = find_browser() if ending == "pdf" else None
    names = file_names(drugs)
    written = []
    for drug in drugs:
        path = folder / f"{names[drug]}.{ending}"
        written.append(write_report(maker.report(drug), path, browser=browser))
        done(written[-1])
    write_whole(folder / "index.html", index_page(maker, written).encode())
    return written


def file_names(drugs: Iterable[str]) -> dict[str, str]:
    """Drug -> name of a file without ending, whatever characters it has; never two alike."""
    names: dict[str, str] = {}
    for drug in drugs:
        plain = re.sub(r"[^a-z0-9]+", "-", drug.casefold()).strip("-")[:80] or "drug"
        name, number = f"report-{plain}", 2
        while name in names.values():
            name, number = f"report-{plain}-{number}", number + 1
        names[drug] = name
    return names


def index_page(maker: ReportMaker, written: Sequence[WrittenReport]) -> str:
    """List reports by status, then by name."""
    order = {status: place for place, status in enumerate(STATUS_MEANS)}
    ordered = sorted(written, key=lambda one: (order[one.status], one.drug.casefold(), one.drug))
    rows = "".join(
        f'<tr><th scope="row"><a href="{escape(one.path.name)}">{escape(one.drug)}</a></th>'
        f'<td>{escape(one.status)}</td><td class="number">{escape(one.roc_auc)}</td></tr>'
        for one in ordered
    )
    meaning = "".join(f"<dt>{word}</dt><dd>{said}</dd>" for word, said in STATUS_MEANS.items())
    bundle = maker.bundle
    title = f"Reports on {bundle.cohort}"
    made = str(bundle.provenance.get("created_at", ""))[:10] or "date not known"
    where = f"{len(written)} drugs, bundle sha256 {bundle.sha256[:12]}, made {made}."
    warning = '<p class="warning">Simulated: nothing of this was ever measured.</p>'
    body = (
        f"<header><h1>{escape(title)}</h1>{warning if bundle.simulated else ''}"
        f'<p class="where">{escape(where)}</p></header><main><dl>{meaning}</dl>'
        '<div class="wide"><table><caption>By status, then by name; roc_auc on unseen lines with '
        "its 95% interval: how often a sensitive line is ranked above a resistant one, 0.5 is "
        'chance</caption><thead><tr><th scope="col">drug</th><th scope="col">status</th>'
        f'<th scope="col" class="number">roc_auc</th></tr></thead><tbody>{rows}</tbody></table>'
        "</div></main><footer><p>Reports of cupromark. Research use only.</p></footer>"
    )
    return html_page(title, body)


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the place, then move there: nobody ever reads half a file."""
    partial = path.parent / f".{path.name}.{uuid.uuid4().hex}.partial"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ReportError(
            f"{path} cannot be written: {error.strerror or error}.",
            needed="a place that can be written, with enough space.",
            remedy="mend that, or choose another with --out.",
        ) from error
