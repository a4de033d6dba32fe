"""A page of HTML as PDF, printed by a Chromium that is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from models.errors import ReportError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120.0
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--no-pdf-header-footer",
)
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)")
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)


def find_browser() -> str:
    """Find a Chromium on the path.

    Raises
    ------
    ReportError
        There is none.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is not None:
        return found
    raise ReportError(
        "No Chromium was found, which prints PDF.",
        needed=f"one of {', '.join(BROWSERS)} on the path.",
        remedy="install it (Debian: apt-get install chromium), or write .html instead.",
    )


def html_to_pdf(html: str, *, created_at: str, browser: str | None = None) -> bytes:
    """Print a page that asks nothing of any host.

    Parameters
    ----------
    created_at
        ISO date that the PDF is to bear in place of that of printing, so that the same page gives
        the same bytes.
    browser
        Path of a Chromium; the one that `find_browser` finds by default.

    Raises
    ------
    ReportError
        There is no Chromium, or it fails.
    """
    with tempfile.TemporaryDirectory(prefix="cupromark-report-") as name:
        folder = Path(name)
        page, printed = folder / "report.html", folder / "report.pdf"
        page.write_text(html, encoding="utf-8")
        _run(browser or find_browser(), page, printed, folder / "profile")
        return _dated(printed.read_bytes(), created_at)


def _run(browser: str, page: Path, printed: Path, profile: Path) -> None:
    # Chromium's sandbox refuses to run as root; the page has no script and loads nothing.
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [
        browser,
        *OPTIONS,
        *as_root,
        f"--user-data-dir={profile}",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    try:
        done = subprocess.run(  # noqa: S603  (a program that was found on the path)
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(browser, f"did not end within {SECONDS:.0f} s") from error
    except OSError as error:
        raise _failed(browser, f"could not be started ({error.strerror or error})") from error
    if done.returncode != 0 or not printed.is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise _failed(browser, f"ended with code {done.returncode} ({last[:200]})")


def _dated(pdf: bytes, created_at: str) -> bytes:
    """Put a date in place of the clock's; it has the same length, so that offsets stay right."""
    try:
        moment = datetime.fromisoformat(created_at)
    except ValueError:
        moment = NO_DATE
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    stamp = aware.astimezone(UTC).strftime("%Y%m%d%H%M%S").encode()
    return _DATE.sub(rb"/\1 (D:" + stamp + rb"+00'00')", pdf)


def _failed(browser: str, what: str) -> ReportError:
    return ReportError(
        f"{browser} {what}.",
        needed="a Chromium that prints a page to PDF.",
        remedy="run it by hand to see why, or write .html instead.",
    )
