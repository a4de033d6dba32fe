"""Colours, one meaning each, and one scale of type: for cards, reports and the pages of a service.

Every colour of text and marks stands out from its paper (WCAG 2.2: 4.5 to 1 for text, 3 to 1 for
marks), in light and in dark; no meaning rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping

FAMILY_COLOURS = ("copper", "fission", "fusion", "mitochondria", "general")

LIGHT: Mapping[str, str] = {
    **{"paper": "#ffffff", "ink": "#1d2125", "soft": "#5b6269", "rule": "#d5d9dd"},
    **{"fill": "#f3f5f7", "link": "#004f8c"},
    # What a figure is of.
    **{"panel": "#00684a", "random": "#9a5b9e", "lineage": "#a35a00", "other": "#4a5560"},
    # What it speaks for.
    **{"sensitive": "#0064a8", "resistant": "#c04a00", "no-call": "#6b7178"},
    # Which kind of gene set it belongs to.
    **{"copper": "#007a87", "fission": "#a8005c", "fusion": "#4b3fa8"},
    **{"mitochondria": "#5f6b00", "general": "#5b6269"},
    # Expression, low to high.
    **{"low": "#8b939b", "middle": "#626a72", "high": "#15181b"},
}
DARK: Mapping[str, str] = {
    **{"paper": "#14171a", "ink": "#e8eaed", "soft": "#a4abb2", "rule": "#3a4046"},
    **{"fill": "#1e2327", "link": "#8cc4ff"},
    **{"panel": "#3fd0a0", "random": "#d39ad6", "lineage": "#f0b040", "other": "#b9c2ca"},
    **{"sensitive": "#6bb8f0", "resistant": "#ff9460", "no-call": "#9aa1a8"},
    **{"copper": "#4cc9d6", "fission": "#ff7ab8", "fusion": "#a79cff"},
    **{"mitochondria": "#c0cc4a", "general": "#a4abb2"},
    **{"low": "#6f7780", "middle": "#a4abb2", "high": "#f5f6f7"},
}
TYPE: Mapping[str, str] = {
    **{"size-title": "1.75rem", "size-heading": "1.2rem", "size-lead": "1.12rem"},
    **{"size-subheading": "1.02rem", "size-text": "1rem", "size-note": ".9rem"},
    **{"size-table": ".87rem"},
}


def declared(values: Mapping[str, str]) -> str:
    """Write values as custom properties of CSS."""
    return " ".join(f"--{name}: {value};" for name, value in values.items())
