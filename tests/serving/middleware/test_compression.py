import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response, StreamingResponse

from serving.middleware.compression import Compression, accepted_encoding

TEXT = "expression " * 500


@pytest.fixture
def ask(asgi_client):
    def ask(response, accepted):
        headers = {"Accept-Encoding": accepted}
        return asgi_client(Compression(response)).get("/", headers=headers)

    return ask


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("GZIP ; q=0.3", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("gzip;q=nan, br;q=x", None),
        ("", None),
    ],
)
def test_the_preferred_encoding_is_chosen(accepted, chosen):
    assert accepted_encoding([(b"accept-encoding", accepted.encode())]) == chosen


@given(st.binary(max_size=60))
def test_no_header_is_too_strange(value):
    assert accepted_encoding([(b"accept-encoding", value)]) in {"br", "gzip", None}


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_large_texts_are_compressed_and_small_ones_are_not(ask, encoding):
    large = ask(Response(TEXT, media_type="application/json"), encoding)
    assert large.text == TEXT
    assert large.headers["content-encoding"] == encoding
    assert int(large.headers["content-length"]) < len(TEXT) / 10
    assert large.headers["vary"] == "Accept-Encoding"
    small = ask(Response("{}", media_type="application/json"), encoding)
    assert "content-encoding" not in small.headers
    assert small.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_very_large_texts_are_the_same_after_it(ask, encoding):
    text = "".join(f"{number} " for number in range(100_000))
    assert ask(Response(text, media_type="text/csv"), encoding).text == text


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_streams_are_compressed_piece_by_piece(ask, encoding):
    async def pieces():
        for number in range(100):
            yield f"piece {number}\n"

    answer = ask(StreamingResponse(pieces(), media_type="text/plain"), encoding)
    assert answer.headers["content-encoding"] == encoding
    assert answer.text == "".join(f"piece {number}\n" for number in range(100))


@pytest.mark.parametrize(
    "response",
    [
        Response(TEXT, media_type="application/vnd.apache.parquet"),
        Response(TEXT, media_type="image/png"),
        Response(TEXT, media_type="text/csv", headers={"Content-Range": "bytes 0-9/20"}),
        Response(TEXT, media_type="text/csv", status_code=206),
    ],
)
def test_what_gains_nothing_is_left_alone(ask, response):
    assert "content-encoding" not in ask(response, "gzip").headers


def test_an_etag_is_weakened(ask):
    response = Response(TEXT, media_type="text/css", headers={"ETag": '"abc"'})
    assert ask(response, "gzip").headers["etag"] == 'W/"abc"'
