"""How cards look: colours that stay apart for colour-blind eyes, one meaning each, light and dark.

A service whose Content-Security-Policy forbids inline styles serves `CARD_CSS` as a file.
"""

from __future__ import annotations

from models.cards.palette import DARK, FAMILY_COLOURS, LIGHT, TYPE, declared

_LIGHT, _DARK = declared(LIGHT), declared(DARK)

PLOT_CSS = f"""
.card, svg.card-plot {{{_LIGHT} }}
@media (prefers-color-scheme: dark) {{ .card, svg.card-plot {{{_DARK} }} }}
svg.card-plot {{ display: block; width: 100%; height: auto; }}
svg.card-plot text {{ font: 12px "Liberation Sans", Arial, Helvetica, sans-serif;
  paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }}
.ink {{ fill: var(--ink); }} .soft {{ fill: var(--soft); }} .strong {{ fill: var(--ink);
  font-weight: bold !important; }}
.axis {{ stroke: var(--soft); stroke-width: 1; }}
.grid {{ stroke: var(--rule); stroke-width: 1; }}
.reference {{ stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 2 3; }}
.guide {{ stroke: var(--panel); stroke-width: 1.4; stroke-dasharray: 6 3; }}
.bar {{ stroke-width: 3; }}
.bar.panel {{ stroke: var(--panel); }} .bar.random {{ stroke: var(--random); }}
.bar.lineage {{ stroke: var(--lineage); }} .bar.other {{ stroke: var(--other); }}
.bar.sensitive {{ stroke: var(--sensitive); }} .bar.resistant {{ stroke: var(--resistant); }}
.mark {{ stroke: var(--paper); stroke-width: 1; }}
.mark.median {{ fill: var(--ink); }}
.hollow {{ fill: var(--paper); stroke: var(--ink); stroke-width: 1.2; }}
.mark.panel, .area.panel {{ fill: var(--panel); }} .mark.random {{ fill: var(--random); }}
.mark.lineage {{ fill: var(--lineage); }} .mark.other {{ fill: var(--other); }}
.mark.sensitive, .area.sensitive {{ fill: var(--sensitive); }}
.mark.resistant, .area.resistant {{ fill: var(--resistant); }}
.area.random {{ fill: var(--random); fill-opacity: .35; stroke: var(--random); }}
.area.no-call {{ fill: var(--no-call); }}
.area.unmeasured {{ fill: none; stroke: var(--soft); stroke-dasharray: 3 3; }}
.area.tested {{ fill: var(--rule); }}
.area.lineage {{ fill: var(--lineage); }} .area.other {{ fill: var(--other); }}
{"".join(f".area.{name} {{ fill: var(--{name}); }}" for name in FAMILY_COLOURS)}
.whisker {{ stroke: var(--ink); stroke-width: 1.4; }}
.box {{ stroke-width: 7; }} .box.sensitive {{ stroke: var(--sensitive); }}
.box.resistant {{ stroke: var(--resistant); }}
.dots {{ fill: none; stroke-linecap: round; stroke-width: 3.4; }}
.dots.low {{ stroke: var(--low); stroke-width: 2.8; }}
.dots.middle {{ stroke: var(--middle); }} .dots.high {{ stroke: var(--high); stroke-width: 4.2; }}
.dots.lineage {{ stroke: var(--lineage); }} .dots.other {{ stroke: var(--other); }}
.dots.blood {{ stroke: var(--lineage); stroke-linecap: square; }}
"""

CARD_CSS = (
    PLOT_CSS
    + f".card {{ {declared(TYPE)} }}"
    + """
.card { color-scheme: light dark; color: var(--ink); background: var(--paper);
  font: var(--size-text)/1.5 "Liberation Sans", Arial, Helvetica, sans-serif; }
.card * { box-sizing: border-box; }
.card main, .card > header, .card > footer, .card > nav { max-width: 76rem; margin: 0 auto;
  padding: 0 1rem; }
.card > header { padding-top: 1.2rem; }
.card h1 { font-size: var(--size-title); line-height: 1.2; margin: 0 0 .4rem;
  overflow-wrap: anywhere; }
.card h2 { font-size: var(--size-heading); margin: 2.2rem 0 .4rem; }
.card h3 { font-size: var(--size-subheading); margin: 0 0 .3rem; }
.card p, .card li { max-width: 72ch; }
.card p { margin: .4rem 0; }
.card a { color: var(--link); }
.card .where { color: var(--soft); }
.card .verdict { font-size: var(--size-lead); border-left: .35rem solid var(--ink);
  background: var(--fill); padding: .7rem 1rem; margin: .8rem 0; }
.card .verdict.supported { border-left-style: solid; }
.card .verdict.exploratory { border-left-style: double; }
.card .verdict.withheld { border-left-style: dotted; }
.card .verdict p { max-width: 80ch; }
.card .warning { border: 2px solid var(--ink); padding: .5rem .8rem; font-weight: bold; }
.card .first { display: grid; gap: 1.6rem 2.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); align-items: start; }
.card .plots { columns: 26rem; column-gap: 2.5rem; }
.card figure { margin: 0 0 1.8rem; min-width: 0; max-width: 38rem; break-inside: avoid; }
.card figcaption { color: var(--soft); font-size: var(--size-note); line-height: 1.4;
  margin-top: .3rem; }
.card details { margin-top: .3rem; }
.card summary { cursor: pointer; color: var(--link); font-size: var(--size-note);
  padding: .25rem 0; }
.card summary:focus-visible, .card a:focus-visible { outline: 3px solid var(--link); }
.card .wide { overflow-x: auto; }
.card table { border-collapse: collapse; font-size: var(--size-table); line-height: 1.35; }
.card caption { text-align: left; color: var(--soft); padding-bottom: .2rem; }
.card thead th { text-align: left; vertical-align: bottom; border-bottom: 2px solid var(--ink); }
.card th, .card td { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; }
.card tbody th { font-weight: normal; }
.card tbody tr > * { border-bottom: 1px solid var(--rule); }
.card td.number, .card th.number { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.card dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .25rem 1rem;
  margin: .5rem 0; max-width: 80ch; }
.card dt { font-weight: bold; } .card dd { margin: 0; }
.card footer { color: var(--soft); font-size: .88rem; padding-bottom: 3rem; margin-top: 2.5rem; }
@media (max-width: 30rem) { .card dl { grid-template-columns: 1fr; } .card dd { margin: 0 0 .4rem; }
  .card h1 { font-size: 1.4rem; } }
"""
)


def standalone(svg: str) -> str:
    """Give a drawing its styles, so that it can be a file of its own."""
    head, rest = svg.split(">", 1)
    backdrop = '<rect width="100%" height="100%" fill="var(--paper)"/>'
    return f"{head}><style>{PLOT_CSS}</style>{backdrop}{rest}\n"
