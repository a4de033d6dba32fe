"""A card as one file of HTML: no script, nothing asked of any host."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from models.cards.figures import figure_at, figure_text
from models.cards.fragments import card_figures
from models.cards.sentences import ABBREVIATIONS, limits, verdict_sentences
from models.cards.style import CARD_CSS
from models.cards.tables import table

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
KEY_FIGURES = (
    ("roc_auc on unseen lines", ("roc_auc",), "", 2),
    ("average precision", ("average_precision",), "", 2),
    ("share of sensitive lines", ("prevalence",), "", 2),
    ("gain over lineage", ("lineage", "gain"), "+", 3),
    ("gain over random gene sets", ("random", "gain"), "+", 3),
    ("p against random gene sets", ("random", "p_interval"), "", 3),
    ("q over drugs", ("q",), "", 3),
    ("roc_auc on lineages left out", ("leave_lineage_out", "roc_auc"), "", 2),
    ("Brier", ("brier",), "", 3),
    ("calibration error", ("expected_calibration_error",), "", 3),
    ("80% sets hold sensitive lines", ("coverage", "0.8", "sensitive"), "", 2),
    ("80% sets hold resistant lines", ("coverage", "0.8", "resistant"), "", 2),
)


def card_page(card: Mapping[str, Any], *, index: str | None = None) -> str:
    """Show a card: verdict first, then the drawings with their tables, limits and terms.

    Parameters
    ----------
    card
        As of `models.cards.card.whole_card`.
    index
        Address of the page of all drugs, to link to.
    """
    drug, cohort = str(card["drug"]), str(card["cohort"])
    before = ""
    if index is not None:
        before = f'<nav><p><a href="{escape(index)}">All drugs of {escape(cohort)}</a></p></nav>'
    return html_page(f"{drug} on {cohort}", card_body(card), before=before)


def html_page(title: str, body: str, *, before: str = "") -> str:
    """Frame a body; `title` is escaped, the rest is markup."""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>body {{ margin: 0; }}\n{CARD_CSS}</style>\n</head>\n"
        f'<body class="card">\n{before}\n{body}\n</body>\n</html>\n'
    )


def card_body(card: Mapping[str, Any]) -> str:
    """Give the page without its frame."""
    return "\n".join(
        (
            _header(card),
            f"<main>{card_content(card)}</main>",
            "<footer><p>Evidence card of cupromark, schema version "
            f"{escape(str(card.get('schema_version')))}. Research use only.</p></footer>",
        )
    )


def card_content(card: Mapping[str, Any]) -> str:
    """Give what stands below the verdict, for a service that has a frame of its own."""
    fragments = card_figures(card)
    first = fragments.pop("controls", None)
    return "\n".join(
        (
            f'<div class="first">{first.to_html() if first else ""}{_key_figures(card)}</div>',
            '<h2>How far to trust it</h2><div class="plots">',
            *(fragment.to_html() for fragment in fragments.values()),
            "</div>",
            _claims(card),
            "<h2>Limits</h2><ul>",
            *(f"<li>{escape(sentence)}</li>" for sentence in limits(card)),
            "</ul><h2>Terms</h2><dl>",
            *(
                f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>"
                for term, meaning in ABBREVIATIONS.items()
            ),
            "</dl>",
        )
    )


def _header(card: Mapping[str, Any]) -> str:
    status = escape(str(card["status"]))
    said, *others, reason = verdict_sentences(card)
    warning = '<p class="warning">Simulated: nothing of this was ever measured.</p>'
    return (
        f"<header><h1>{escape(str(card['drug']))}</h1>"
        f'<p class="where">Cohort {escape(str(card["cohort"]))}, {_lines(card)}</p>'
        f"{warning if card.get('simulated') else ''}"
        f'<div class="verdict {status}"><p><strong>{escape(said)}</strong></p>'
        f"<p>{escape(' '.join(others))}</p><p>Why this status: {escape(reason)}</p></div></header>"
    )


def _lines(card: Mapping[str, Any]) -> str:
    known = (card.get(name, "?") for name in ("n_lines", "n_groups", "n_sensitive"))
    return escape("{} lines of {} patients, {} of them sensitive".format(*known))


def _key_figures(card: Mapping[str, Any]) -> str:
    rows = [
        (name, figure_text(figure_at(card, *path), sign=sign, digits=digits))
        for name, path, sign, digits in KEY_FIGURES
    ]
    rows.insert(1, ("lowest and highest over seeds", _band(card.get("seed_band"))))
    shown = table("Value, then its 95% interval", ("figure", "value"), rows, numbers=(1,))
    return f'<section><h3 id="figures">Key figures</h3>{shown}</section>'


def _band(band: Any) -> str:
    return f"{band[0]:.2f} to {band[1]:.2f}" if isinstance(band, list) else "not run"


def _claims(card: Mapping[str, Any]) -> str:
    claims = card.get("claims")
    if not isinstance(claims, Mapping):
        return f"<h2>Claims of the literature</h2><p>{escape(str(claims))}</p>"
    counts = (
        f"{claims['n_tested']} claims of the reviews about this drug or its class could be tested "
        f"here: {claims['agree']} agree with the cohort, {claims['disagree']} disagree, "
        f"{claims['inconclusive']} are open (the interval holds 0). Share that agrees, of those "
        f"that were decided: {figure_text(figure_at(claims, 'share_agreeing'))}."
    )
    rows = [
        (
            str(one["subject"]),
            str(one["about"]).replace("_", " "),
            str(one["direction_when_high"]),
            figure_text(figure_at(one, "within_lineage"), sign="+"),
            str(one["verdict"]),
        )
        for one in sorted(claims["tested"], key=lambda one: (one["verdict"], one["subject"]))
    ]
    columns = ("gene or process", "claimed about", "high goes with", "correlation", "verdict")
    caption = "Correlation of expression with sensitivity within lineages, above 0 = sensitivity"
    shown = table(caption, columns, rows, numbers=(3,)) if rows else ""
    opened = f"<details><summary>Every claim</summary>{shown}</details>" if rows else ""
    return f"<h2>Claims of the literature</h2><p>{escape(counts)}</p>{opened}"
