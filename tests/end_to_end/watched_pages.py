"""Pages in Chromium that are watched: for other hosts they ask, and for what they complain of."""

import re
import time
from contextlib import contextmanager

from playwright.sync_api import TimeoutError

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
REFUSALS = "^Failed to load resource"  # the browser's own line about an answer that is a refusal
PATIENCE_MS = 30_000
# Below an element that is an image there is nothing that assistive technology sees.
DRAWINGS = (".plot-drawing .svg-container",)


@contextmanager
def watched_pages(browser):
    """Give a function that opens an empty page of a service; fails at the end if one was wrong.

    What was wrong so far is the list `wrong` of each page: a test that provokes a complaint takes
    it out.
    """
    contexts, wrong = [], []

    def open_page(
        address,
        *,
        cookies=(),
        viewport=WIDE,
        scheme="light",
        patience_ms=PATIENCE_MS,
        forgiven="$^",
        blocked=None,
        **options,
    ):
        context = browser.new_context(
            base_url=address, viewport=viewport, color_scheme=scheme, **options
        )
        contexts.append(context)
        context.set_default_timeout(patience_ms)
        context.add_cookies(cookies)
        page = context.new_page()
        page.wrong = wrong

        def look(request):
            # Plotly draws a picture from a blob of the page itself.
            if not request.url.startswith((f"{address}/", "blob:")):
                wrong.append(request.url)

        def listen(said):
            if said.type == "error" and not re.search(forgiven, said.text):
                wrong.append(said.text)

        if blocked:
            context.route(f"**/*{blocked}*", lambda route: route.abort())
        context.on("request", look)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", listen)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def point_at(page, mark, label):
    """Point at a mark of a plot until its label shows: the page may move while it is measured."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while True:
        box = mark.bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(middle[0] + 200, middle[1] + 200)
        page.mouse.move(*middle)
        try:
            label.first.wait_for(timeout=2_000)
        except TimeoutError:
            assert time.monotonic() < end, "no label came where it was pointed at"
        else:
            return
