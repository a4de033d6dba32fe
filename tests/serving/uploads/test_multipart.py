import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.uploads.multipart import LONGEST_FILE_NAME, MultipartReader, safe_file_name

BODY = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\ngene,s1\r\n--c is no boundary\r\n\r\n"
    b"--b\r\ncontent-disposition: form-data; name=scale\r\n\r\nlog2_tpm\r\n"
    b'--b\r\nContent-Disposition: form-data; name="drugs"\r\n\r\nA\r\n'
    b'--b\r\nContent-Disposition: form-data; name="drugs"\r\n\r\n\xc3\xa9\r\n--b--\r\n'
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_a_form_is_the_same_however_it_is_cut_into_pieces(tmp_path, size):
    reader = MultipartReader(b"b", tmp_path, file_fields=frozenset({"file"}))
    for start in range(0, len(BODY), size):
        reader.feed(BODY[start : start + size])
    parts = reader.finish()
    assert parts.fields == {"scale": ["log2_tpm"], "drugs": ["A", "é"]}
    assert parts.files["file"].read_bytes() == b"gene,s1\r\n--c is no boundary\r\n"
    assert parts.files["file"].name == "a.csv"


@settings(deadline=None)
@given(st.text())
def test_a_file_name_is_safe_whatever_was_sent(given_name):
    name = safe_file_name(given_name)
    assert 0 < len(name) <= LONGEST_FILE_NAME
    assert len(name.encode()) <= 255
    assert name.isprintable()
    assert name not in (".", "..")
    assert not set(name) & set("/\\\0")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.csv", "a.csv"),
        ("C:\\data\\a b.csv", "a b.csv"),
        ("../../x/GPL570_map.tsv", "GPL570_map.tsv"),
        ("", "upload"),
        ("..", "upload"),
        ("x" * 120 + ".gct", "x" * 96 + ".gct"),
    ],
)
def test_the_last_part_of_a_name_is_kept(sent, kept):
    assert safe_file_name(sent) == kept
