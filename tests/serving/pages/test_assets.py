import re

import pytest

from models.cards.style import CARD_CSS
from serving.errors import NotFoundError
from serving.pages.assets import FOLDER, load_assets

SITE_CSS = (FOLDER / "site.css").read_text()
SCHEMES = ("light", "dark")
TEXT = ("ink", "soft", "link", "sensitive", "resistant")
LEAST_OF_TEXT, LEAST_OF_MARKS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11


def colours(css):
    """Tokens of the light and of the dark scheme, in the order in which they stand."""
    found = {scheme: {} for scheme in SCHEMES}
    for name, colour in re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css):
        scheme = "dark" if name in found["light"] else "light"
        found[scheme].setdefault(name, colour)
    return found


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_colour_means_the_same_on_pages_and_cards(scheme):
    of_cards, of_site = colours(CARD_CSS)[scheme], colours(SITE_CSS)[scheme]
    assert of_cards
    assert of_cards.items() <= of_site.items()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_and_marks_stand_out_from_what_is_behind_them(scheme):
    tokens = colours(SITE_CSS)[scheme]
    for behind in ("paper", "fill"):
        for name in TEXT:
            assert contrast(tokens[name], tokens[behind]) >= LEAST_OF_TEXT, (name, behind)
        for name in ("edge", "no-call", "panel", "lineage", "random"):
            assert contrast(tokens[name], tokens[behind]) >= LEAST_OF_MARKS, (name, behind)
    assert contrast(tokens["on-link"], tokens["link"]) >= LEAST_OF_TEXT


def test_a_file_is_kept_for_ever_under_its_version_only():
    assets = load_assets()
    assert "immutable" in assets.answer(assets.version, "site.css").headers["cache-control"]
    assert assets.answer("another", "site.css").headers["cache-control"] == "no-cache"
    for name in ("none.js", "../app.py", ""):
        with pytest.raises(NotFoundError):
            assets.answer(assets.version, name)


def test_every_script_that_is_imported_is_there():
    assets = load_assets()
    scripts = {name: text for name, text in assets.contents.items() if name.endswith(".js")}
    imported = {
        name for text in scripts.values() for name in re.findall(r'from "\./([^"]+)"', text.decode())
    }
    assert imported <= set(scripts)
    assert all(b"eval(" not in text and b"innerHTML" not in text for text in scripts.values())
