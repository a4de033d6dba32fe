import re

import pytest

from models.cards.palette import DARK, LIGHT
from serving.errors import NotFoundError
from serving.pages.assets import FOLDER, load_assets

SITE_CSS = (FOLDER / "site.css").read_text()
SCHEMES = {"light": LIGHT, "dark": DARK}
TEXT = ("ink", "soft", "link", "sensitive", "resistant")
MARKS = ("edge", "no-call", "panel", "lineage", "random")
LEAST_OF_TEXT, LEAST_OF_MARKS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11


def colours(scheme):
    """Tokens of the palette, and those that the site adds: the light ones stand first."""
    own = re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", SITE_CSS)
    names = {name for name, _ in own}
    assert len(own) == 2 * len(names)
    half = own[: len(names)] if scheme == "light" else own[len(names) :]
    return {**SCHEMES[scheme], **dict(half)}


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_and_marks_stand_out_from_what_is_behind_them(scheme):
    tokens = colours(scheme)
    for behind in ("paper", "fill"):
        for name in TEXT:
            assert contrast(tokens[name], tokens[behind]) >= LEAST_OF_TEXT, (name, behind)
        for name in MARKS:
            assert contrast(tokens[name], tokens[behind]) >= LEAST_OF_MARKS, (name, behind)
    assert contrast(tokens["on-link"], tokens["link"]) >= LEAST_OF_TEXT


def test_every_token_is_defined_somewhere():
    sheets = b"".join(load_assets().contents[name] for name in ("cards.css", "site.css")).decode()
    assert set(re.findall(r"var\(--([a-z-]+)\)", sheets)) <= set(
        re.findall(r"--([a-z-]+):", sheets)
    )


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
        name
        for text in scripts.values()
        for name in re.findall(r'from "\./([^"]+)"', text.decode())
    }
    assert imported <= set(scripts)
    assert all(b"eval(" not in text and b"innerHTML" not in text for text in scripts.values())
