import subprocess
import sys
import zlib

import brotli
import pytest

from serving.pages.plotly_file import plotly_file


@pytest.fixture
def script(client):
    return client.get(plotly_file().address)


def test_the_script_is_compressed_and_kept_for_ever_under_its_own_address(client):
    encoded = {}
    for encoding in ("br", "gzip", "identity"):
        answer = client.get(plotly_file().address, headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers.get("content-encoding", "identity") == encoding
        encoded[encoding] = answer.content
    assert encoded["br"] == encoded["gzip"] == encoded["identity"]  # httpx decoded them
    assert b"Plotly" in encoded["br"][:500] or b"plotly" in encoded["br"][:500]
    other = client.get("/static/0123/plotly.min.js")
    assert other.headers["cache-control"] == "no-cache"


def test_what_is_sent_is_less_than_a_third():
    from serving.pages.plotly_file import _content

    whole = _content(None)
    assert brotli.decompress(_content("br")) == whole
    assert zlib.decompress(_content("gzip"), 16 + zlib.MAX_WBITS) == whole
    assert len(_content("br")) < len(whole) / 3


def test_every_style_that_the_script_would_write_is_known():
    from serving.pages.plotly_file import _content

    whole = _content(None)
    found = plotly_file().own_styles
    assert found
    made = whole.count(b'document.createElement("style")')
    assert made == len(found) + 1  # the other writes to the sheet of plots_head.html
    assert b'"plotly.js-style-"' in whole
    assert b".no-inline-styles" in whole


def test_the_python_package_is_never_imported():
    asked = (
        "import sys; from serving.pages.plotly_file import plotly_file; plotly_file(); "
        "sys.exit('plotly' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0  # noqa: S603
