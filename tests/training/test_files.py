"""Getting files, against a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from training.catalogue import Catalogue, CatalogueFile
from training.errors import ChecksumError, DownloadError
from training.files import FileSettings, FileSource
from training.verification import verify_files

CONTENT = b"gene,line\n" + b"FDX1,1.0\n" * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(BaseHTTPRequestHandler):
    """Serves CONTENT in the ways in which servers go wrong."""

    requests: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.requests.append((self.path, wanted))
        getattr(self, f"serve_{self.path.strip('/').split('/')[0]}")(wanted)

    def serve_whole(self, wanted: str | None) -> None:
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.head(206 if wanted else 200, len(CONTENT) - start, ETag='"1"')
        self.wfile.write(CONTENT[start:])

    def serve_truncated(self, wanted: str | None) -> None:
        self.head(200, len(CONTENT))
        self.wfile.write(CONTENT[:100])

    def serve_breaks(self, wanted: str | None) -> None:
        """Break off after half of what is left, but let the transfer be resumed."""
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.head(206 if wanted else 200, len(CONTENT) - start, ETag='"1"')
        self.wfile.write(CONTENT[start : start + 10_000])

    def serve_html(self, wanted: str | None) -> None:
        self.head(200, None, **{"Content-Type": "text/html"})
        self.wfile.write(b"<html>Please log in</html>")

    def serve_disguised(self, wanted: str | None) -> None:
        self.head(200, None)
        self.wfile.write(b"\n<!DOCTYPE html><html>Please log in</html>")

    def serve_endless(self, wanted: str | None) -> None:
        self.head(200, None)
        self.wfile.write(CONTENT)

    def serve_gone(self, wanted: str | None) -> None:
        self.head(410, 0)

    def serve_redirect(self, wanted: str | None) -> None:
        self.head(302, 0, Location=f"http://127.0.0.1:{self.server.server_port}/whole")

    def serve_elsewhere(self, wanted: str | None) -> None:
        self.head(302, 0, Location="http://localhost:9/whole")

    def serve_mirror(self, wanted: str | None) -> None:
        listing = [{"file": "a/file.csv", "sha256": SHA256, "bytes": 1, "complete": False}]
        manifest = json.dumps({"files": listing}).encode()
        content = manifest if self.path.endswith("MANIFEST.json") else CONTENT
        self.head(200, len(content))
        self.wfile.write(content)

    def head(self, status: int, length: int | None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "*")
    Publisher.requests = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def a_file(address: str | None, **changes: object) -> CatalogueFile:
    file = CatalogueFile(
        key="a_file",
        what="A file",
        layout="csv",
        address=address,
        cached_as="a/file.csv",
        mirror_paths=("a/file.csv",),
        redirect_hosts=(),
        page="https://example.org",
        release=None,
        sha256=None,
        maximum_bytes=1_000_000,
        licence="none",
        citation="none",
    )
    return replace(file, **changes)


def a_source(file: CatalogueFile, cache: Path, mirror: Path | str | None = None) -> FileSource:
    catalogue = Catalogue({}, {file.key: file}, ())
    settings = FileSettings(str(mirror) if mirror else None, cache)
    return FileSource(settings, catalogue=catalogue)


def write_mirror(folder: Path, content: bytes, sha256: str) -> Path:
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "file.csv").write_bytes(content)
    listing = [{"file": "a/file.csv", "sha256": sha256, "bytes": len(content), "complete": True}]
    (folder / "MANIFEST.json").write_text(json.dumps({"files": listing}))
    return folder


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_download_is_verified_and_kept(address: str, tmp_path: Path) -> None:
    file = a_file(f"{address}/whole", sha256=SHA256)
    source = a_source(file, tmp_path)
    first, second = source.fetch(file), source.fetch(file)
    assert first.path.read_bytes() == CONTENT
    assert (first.origin, second.origin) == ("download", "cache")
    assert first.sha256 == second.sha256 == SHA256
    assert len(Publisher.requests) == 1
    assert files_in(tmp_path) == ["file.csv", "file.csv.source.json"]


def test_progress_is_told(address: str, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    file = a_file(f"{address}/whole")
    source = a_source(file, tmp_path)
    source.progress = lambda *progress: told.append(progress)
    source.fetch(file)
    assert told[-1] == ("file.csv", len(CONTENT), len(CONTENT))


def test_a_broken_transfer_is_resumed_where_it_stopped(address: str, tmp_path: Path) -> None:
    file = a_file(f"{address}/breaks", sha256=SHA256)
    source = a_source(file, tmp_path)
    # 45,010 bytes, 10,000 an attempt, three attempts a call.
    with pytest.raises(DownloadError, match="broke off"):
        source.fetch(file)
    assert "file.csv.part" in files_in(tmp_path)
    assert source.fetch(file).path.read_bytes() == CONTENT
    assert [wanted for _, wanted in Publisher.requests] == [
        None,
        "bytes=10000-",
        "bytes=20000-",
        "bytes=30000-",
        "bytes=40000-",
    ]
    assert files_in(tmp_path) == ["file.csv", "file.csv.source.json"]


@pytest.mark.parametrize(
    ("page", "changes", "error", "says"),
    [
        ("truncated", {}, DownloadError, "100 of 45,010 bytes"),
        ("html", {}, DownloadError, "HTML page"),
        ("disguised", {}, DownloadError, "HTML page"),
        ("gone", {}, DownloadError, "410"),
        ("elsewhere", {}, DownloadError, "not allowed"),
        ("whole", {"sha256": "0" * 64}, ChecksumError, SHA256),
        ("whole", {"maximum_bytes": 1000}, DownloadError, "larger than allowed"),
        ("endless", {"maximum_bytes": 1000}, DownloadError, "larger than allowed"),
    ],
)
def test_what_goes_wrong_is_named_and_leaves_nothing(
    page: str,
    changes: dict[str, object],
    error: type[DownloadError],
    says: str,
    address: str,
    tmp_path: Path,
) -> None:
    file = a_file(f"{address}/{page}", **changes)
    with pytest.raises(error, match=says) as raised:
        a_source(file, tmp_path).fetch(file)
    assert raised.value.needed
    assert raised.value.remedy
    assert files_in(tmp_path) == []


def test_a_redirect_to_an_allowed_host_is_followed(address: str, tmp_path: Path) -> None:
    file = a_file(f"{address}/redirect")
    assert a_source(file, tmp_path).fetch(file).path.read_bytes() == CONTENT


def test_a_server_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    file = a_file("http://127.0.0.1:9/whole")
    with pytest.raises(DownloadError, match="broke off") as raised:
        a_source(file, tmp_path).fetch(file)
    assert "CUPROMARK_MIRROR" in raised.value.remedy
    assert files_in(tmp_path) == []


def test_a_full_disk_leaves_nothing(address: str, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file.csv.part").symlink_to("/dev/full")
    file = a_file(f"{address}/whole")
    with pytest.raises(DownloadError, match="is full") as raised:
        a_source(file, tmp_path).fetch(file)
    assert "CUPROMARK_CACHE" in raised.value.remedy
    assert files_in(tmp_path) == []


def test_a_cache_that_is_no_folder(address: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    file = a_file(f"{address}/whole")
    with pytest.raises(DownloadError, match="Nothing can be written"):
        a_source(file, tmp_path / "taken").fetch(file)


def test_a_cache_where_nobody_may_write(address: str) -> None:
    file = a_file(f"{address}/whole")
    with pytest.raises(DownloadError, match="Nothing can be written"):
        a_source(file, Path("/proc/cupromark")).fetch(file)


def test_a_file_that_its_publisher_does_not_give_out(tmp_path: Path) -> None:
    file = a_file(None)
    source = a_source(file, tmp_path)
    with pytest.raises(DownloadError, match="gives out no such file") as raised:
        source.fetch(file)
    assert str(source.cached_path(file)) in raised.value.needed
    source.cached_path(file).parent.mkdir(parents=True)
    source.cached_path(file).write_bytes(CONTENT)
    assert source.fetch(file).origin == "cache"


def test_a_cached_file_that_changed_is_refused(address: str, tmp_path: Path) -> None:
    file = a_file(f"{address}/whole")
    source = a_source(file, tmp_path)
    source.fetch(file).path.write_bytes(b"something else")
    with pytest.raises(ChecksumError, match="the cache"):
        source.fetch(file)


def test_the_mirror_comes_first_and_says_what_is_complete(tmp_path: Path) -> None:
    file = a_file("http://127.0.0.1:9/whole")
    mirror = write_mirror(tmp_path / "mirror", CONTENT, SHA256)
    found = a_source(file, tmp_path / "cache", mirror).fetch(file)
    assert (found.origin, found.complete, found.path.parent.parent) == ("mirror", True, mirror)
    assert a_source(file, tmp_path / "cache", mirror.as_uri()).find(file) == found


def test_a_mirror_is_held_to_its_manifest(tmp_path: Path) -> None:
    file = a_file(None)
    mirror = write_mirror(tmp_path / "mirror", CONTENT, "0" * 64)
    with pytest.raises(ChecksumError, match="the mirror"):
        a_source(file, tmp_path / "cache", mirror).fetch(file)
    (mirror / "a" / "file.csv").unlink()
    with pytest.raises(DownloadError, match="but does not hold it"):
        a_source(file, tmp_path / "cache", mirror).fetch(file)


def test_a_mirror_that_is_not_there(tmp_path: Path) -> None:
    file = a_file(None)
    with pytest.raises(DownloadError, match="not a folder"):
        a_source(file, tmp_path, tmp_path / "nowhere").fetch(file)


def test_a_mirror_at_an_address_is_cached_apart(address: str, tmp_path: Path) -> None:
    file = a_file(f"{address}/whole")
    source = a_source(file, tmp_path, f"{address}/mirror")
    found = source.fetch(file)
    assert (found.origin, found.complete, found.path.read_bytes()) == ("mirror", False, CONTENT)
    assert not source.cached_path(file).exists()
    assert [row.state for row in verify_files(source)] == ["ok"]


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    beside = tmp_path / "shared" / "data"
    beside.mkdir(parents=True)
    checkout = tmp_path / "checkout"
    settings = FileSettings.from_environment({"CUPROMARK_CACHE": "/c"}, checkout=checkout)
    assert settings == FileSettings(None, Path("/c"))
    (beside / "MANIFEST.json").write_text('{"files": []}')
    settings = FileSettings.from_environment({"CUPROMARK_CACHE": "/c"}, checkout=checkout)
    assert settings.mirror == str(beside)
    named = FileSettings.from_environment({"CUPROMARK_MIRROR": "/m"}, checkout=checkout)
    assert named.mirror == "/m"
    assert FileSettings.from_environment({"CUPROMARK_MIRROR": ""}, checkout=checkout).mirror is None


def test_verification_tells_wrong_missing_and_unknown_files(tmp_path: Path) -> None:
    file = a_file(None)
    mirror = write_mirror(tmp_path / "mirror", CONTENT, "0" * 64)
    source = a_source(file, tmp_path / "cache", mirror)
    source.cached_path(file).parent.mkdir(parents=True)
    source.cached_path(file).write_bytes(CONTENT)
    rows = {(row.where, row.state): row for row in verify_files(source)}
    assert rows["mirror", "wrong"].actual == SHA256
    assert rows["cache", "unknown"].actual == SHA256
    (mirror / "a" / "file.csv").unlink()
    assert [row.state for row in verify_files(source)] == ["missing", "unknown"]


def test_a_manifest_cannot_lead_out_of_the_mirror(tmp_path: Path) -> None:
    mirror = write_mirror(tmp_path / "mirror", CONTENT, SHA256)
    (tmp_path / "secret.csv").write_text("")
    (mirror / "MANIFEST.json").write_text(json.dumps({"files": [{"file": "../secret.csv"}]}))
    source = a_source(a_file(None, mirror_paths=("*secret.csv",)), tmp_path / "cache", mirror)
    assert source.mirror() is not None
    assert source.find(a_file(None, mirror_paths=("*secret.csv",))) is None
