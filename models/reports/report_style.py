"""How a report looks beyond a card: sections, panels, and paper."""

from __future__ import annotations

from models.cards.palette import LIGHT, declared

REPORT_CSS = """
.report .short { margin: .6rem 0 0; padding-left: 1.2rem; }
.report nav ol { columns: 15rem; padding-left: 1.4rem; margin: .4rem 0;
  font-size: var(--size-note); }
.report section { margin-top: 2.4rem; }
.report section > h2 { border-bottom: 2px solid var(--ink); padding-bottom: .2rem; margin-top: 0; }
.report .flag { font-size: var(--size-note); font-weight: bold; border: 1.5px solid var(--ink);
  padding: .05rem .5rem; margin-left: .6rem; white-space: nowrap; }
.report .panels { display: grid; gap: .8rem 1.2rem; margin: .6rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
.report .pair { display: grid; gap: 1.6rem 2.5rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.report .ledger table { font-size: .8rem; min-width: 58rem; }
.report .ledger td:nth-child(2) { min-width: 18rem; }
.report .untested { columns: 24rem; column-gap: 2rem; font-size: .8rem; line-height: 1.35;
  padding-left: 1.1rem; margin: .3rem 0; }
.report h4 { font-size: var(--size-note); margin: .9rem 0 .2rem; max-width: 72ch; }
.report .pair > *, .report .first > * { min-width: 0; }
.report .lines tbody th { overflow-wrap: anywhere; }
.report .tables > section { margin-top: 1.6rem; }
.report .tables h3 { margin-top: 1rem; }
.report .provenance dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.report .absent { border-left: .35rem dotted var(--soft); padding-left: .9rem; color: var(--soft); }
.report .to { white-space: nowrap; }
"""

_PAPER = (
    f"@media print {{ .card, .card svg.card-plot {{ {declared(LIGHT)} }} }}"
    + """
@media print {
  html { font-size: 11.5px; }
  .card { color-scheme: light; }
  .card main, .card > header, .card > footer { max-width: none; padding: 0; }
  .card > header { padding-top: 0; }
  .card a { color: inherit; text-decoration: none; }
  .card p, .card li, .card dl, .card .verdict p { max-width: none; }
  .report nav, .report .to { display: none; }
  .report h2, .report h3, .report h4, .report caption, .report .lead { break-after: avoid; }
  .report tr, .report li, .report .verdict, .report .panels > *, .report dt { break-inside: avoid; }
  .report thead { display: table-header-group; break-after: avoid; }
  .report p { orphans: 3; widows: 3; }
  .report .first, .report .pair { grid-template-columns: 1fr 1fr; gap: 1rem 1.6rem; }
  .card .plots { columns: 2; column-gap: 1.6rem; }
  .report .panels { grid-template-columns: 1fr 1fr 1fr; gap: .4rem .8rem; }
  .card figure { max-width: none; margin-bottom: 1.2rem; }
  .card .wide { overflow: visible; }
  .card th, .card td { padding: .15rem .6rem .15rem 0; }
  .report .ledger table { min-width: 0; width: 100%; font-size: 8.8px; table-layout: fixed; }
  .report .ledger td:nth-child(2) { min-width: 0; }
  .report .ledger th:nth-child(1) { width: 11%; } .report .ledger th:nth-child(2) { width: 30%; }
  .report .ledger th:nth-child(3) { width: 13%; } .report .ledger th:nth-child(4) { width: 8%; }
  .report .ledger th:nth-child(5) { width: 16%; } .report .ledger th:nth-child(6) { width: 8%; }
  .report .untested { columns: 2; font-size: 8.6px; }
  .report .pair table { font-size: 9px; }
  .report .pair th, .report .pair td { padding: .06rem .6rem .06rem 0; }
  .report .verdict, .report > header .where { font-size: 1rem; }
  .report .verdict { padding: .4rem .9rem; margin: .5rem 0; }
  .report section { margin-top: 1.8rem; }
  .report .tables { font-size: 9.5px; }
  .report .tables table { font-size: 8.8px; }
  .report .tables > section { margin-top: .6rem; }
  .report .narrow .wide { display: inline-block; vertical-align: top; width: 47%;
    margin-right: 2%; }
  .report tbody tr:first-child { break-before: avoid; }
  .report td, .report th, .report li { overflow-wrap: break-word; }
  .report .tables > .narrow { break-inside: avoid; }
  .report #methods, .report #limits { font-size: 10.5px; }
  .report #provenance, .report #terms, .report .unmeasured { font-size: 9.5px; }
  .report #terms dl { columns: 2; column-gap: 1.6rem; display: block; }
  .report #terms dd { margin: 0 0 .4rem; }
  /* Text with a halo is printed as outlines, three times the size: only where lines cross it. */
  .report .card-plot:not(:has(.reference, .guide)) text { paint-order: normal; stroke: none; }
  .report .break { break-before: page; }
  .verdict, .report .flag { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
)


def report_css(*, running_head: str, running_foot: str) -> str:
    """Style sheet of a report, with what stands at the head and foot of every printed page."""
    font = 'font: 8pt "Liberation Sans", Arial, Helvetica, sans-serif; color: #5b6269;'
    pages = 'counter(page) " / " counter(pages)'
    boxes = (
        ("top-left", css_text(running_head)),
        ("bottom-left", css_text(running_foot)),
        ("bottom-right", pages),
    )
    margins = " ".join(f"@{place} {{ {font} content: {what}; }}" for place, what in boxes)
    return f"{REPORT_CSS}{_PAPER}@page {{ size: A4; margin: 17mm 14mm 16mm; {margins} }}"


def css_text(text: str) -> str:
    """Write a text as a string of CSS in which nothing can end the string or the style sheet."""
    kept = "".join(
        one if one.isascii() and (one.isalnum() or one in " .,:-") else f"\\{ord(one):06x} "
        for one in text
    )
    return f'"{kept}"'
