import pytest

from models.errors import ReportError
from models.reports.report_files import file_names, write_report, write_reports


def test_a_report_is_written_whole(maker, tmp_path):
    written = write_report(maker.report("Cisplatin"), tmp_path / "new" / "one.html")
    assert written.path.stat().st_size == written.n_bytes
    assert written.missing == ()
    assert [path.name for path in written.path.parent.iterdir()] == ["one.html"]


def test_other_endings_are_refused(maker, tmp_path):
    with pytest.raises(ReportError, match=r"ends in \.html or \.pdf"):
        write_report(maker.report("Cisplatin"), tmp_path / "one.docx")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(maker, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot be written"):
        write_report(maker.report("Cisplatin"), tmp_path / "file" / "one.html")


def test_a_folder_leads_to_every_drug_supported_ones_first(maker, strange, tmp_path):
    seen = []
    written = write_reports(maker, ["Elesclomol", strange], tmp_path, done=seen.append)
    assert written == seen
    index = (tmp_path / "index.html").read_text()
    assert index.index("&lt;script&gt;") < index.index("Elesclomol")
    assert "<script" not in index
    for one in written:
        assert f'href="{one.path.name}"' in index
        assert one.path.is_file()


def test_names_of_files_are_plain_and_never_two_alike():
    names = file_names(["5-FU", "5 FU", "../../etc/passwd", "日本", "é" * 300])
    assert len(set(names.values())) == 5
    assert all(name.replace("-", "").isalnum() and len(name) < 100 for name in names.values())
    assert names["../../etc/passwd"] == "report-etc-passwd"
