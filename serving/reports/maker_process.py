"""`python -m serving.reports.maker_process <bytes>`: makes one report for the service, then ends.

It takes at most that memory; 0 is no limit, for a browser that prints.

Reading a whole bundle with its held-out predictions, a thousand draws and a browser that prints
are nothing for the process that answers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson

from features.errors import CupromarkError
from models.bundle import Bundle
from models.bundle_files import load_bundle
from models.errors import BundleDamagedError, ReportError
from models.reports.content import DrugReport
from models.reports.ledger_file import read_ledger
from models.reports.page import report_page
from models.reports.pdf import html_to_pdf
from models.reports.report_files import write_whole
from models.reports.report_maker import ReportMaker
from serving.reports.orders import HTML, PDF, RECORD, SECTIONS, ReportOrder
from serving.reports.page_sections import sections_of_report
from serving.reports.record import report_record
from serving.uploads.failures import to_texts
from serving.uploads.frames import Frame, read_frame, write_frame
from serving.uploads.reader import limit_resources, private_stdout


def main() -> None:
    """Make what is ordered on standard input, and say on standard output that it is there."""
    max_bytes = int(sys.argv[1])
    if max_bytes:
        limit_resources(max_bytes)
    answers = private_stdout()
    order = read_frame(sys.stdin.buffer)
    if order is None:
        return
    try:
        make_files(ReportOrder(**order.header))
        reply = Frame({})
    except CupromarkError as error:
        reply = Frame({"error": to_texts(error)})
    except MemoryError:
        reply = Frame({"error": to_texts(_out_of_memory(max_bytes))})
    write_frame(answers, reply)


def make_files(order: ReportOrder) -> None:
    """Make the files of a report; each is there whole or not at all.

    Raises
    ------
    BundleDamagedError, BundleError
        The bundle must not be used.
    ReportError
        The ledger cannot be read, there is no Chromium, or a file cannot be written.
    """
    bundle = load_bundle(Path(order.folder), version=order.version, without=("golden",))
    if bundle.sha256 != order.sha256:
        raise BundleDamagedError(
            f"The folder holds the bundle {bundle.sha256[:12]}.",
            needed=f"the bundle {order.sha256[:12]}, which answers.",
            remedy="put that bundle back, or start the service again.",
        )
    report = _report(bundle, order)
    out = Path(order.out)
    if order.part == "pdf":
        page = report_page(report)
        write_whole(out / PDF, html_to_pdf(page, created_at=report.created_at))
        return
    write_whole(out / SECTIONS, sections_of_report(report).encode())
    write_whole(out / HTML, report_page(report).encode())
    write_whole(out / RECORD, orjson.dumps(report_record(report, bundle)))


def _out_of_memory(max_bytes: int) -> ReportError:
    return ReportError(
        f"The report needs more than {max_bytes / 2**20:,.0f} MiB of memory.",
        needed="a report that can be made in that memory.",
        remedy="write it with `cupromark report` on a larger computer.",
    )


def _report(bundle: Bundle, order: ReportOrder) -> DrugReport:
    ledger = None
    if order.ledger is not None:
        ledger = read_ledger(Path(order.ledger), cohort=bundle.cohort)
    maker = ReportMaker.of(bundle, ledger=ledger, references=order.references)
    return maker.report(order.drug)


if __name__ == "__main__":
    main()
