"""New releases of files: asked of a real server, which counts what it sends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from training.catalogue import Catalogue, CatalogueCohort, CatalogueFile
from training.errors import CatalogueError, ChecksumError, DownloadError
from training.files import FileSettings, FileSource
from training.releases import FileNews, RefreshedFile, check_cohort, check_every_cohort
from training.releases import refresh_cohort as refresh

from tests.training.publishing import Published, Publisher, sha256_of  # isort: skip

FIRST = b"gene,line\n" + b"FDX1,1.0\n" * 200_000
SECOND = FIRST.replace(b"1.0", b"2.0")  # of the same size
LONGER = FIRST + b"LIAS,3.0\n"
NAMES = b"symbol\nFDX1\n"
KEY, COHORT = "expression", "tiny"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("no_proxy", "*")
    running = Publisher()
    running.files["/names"] = Published(NAMES, etag=True)
    yield running
    running.close()


@pytest.fixture
def source(publisher: Publisher, tmp_path: Path) -> Callable[..., FileSource]:
    """Make a source of a cohort of one file, beside the names of genes."""

    def source(
        mirror: str | None = None, path: str = "/expression", **changes: object
    ) -> FileSource:
        files = {
            KEY: a_file(KEY, f"{publisher.address}{path}", **changes),
            "hgnc": a_file("hgnc", f"{publisher.address}/names"),
        }
        cohort = CatalogueCohort(
            COHORT, "Tiny", {"expression": KEY}, {}, "rma_log2", "csv", "ln_ic50", "none"
        )
        catalogue = Catalogue({COHORT: cohort}, files, ())
        return FileSource(FileSettings(mirror, tmp_path), catalogue=catalogue)

    return source


def a_file(key: str, address: str | None, **changes: object) -> CatalogueFile:
    fields = {
        "key": key,
        "what": key,
        "layout": "csv",
        "address": address,
        "cached_as": f"tiny/{key}.csv",
        "mirror_paths": (f"tiny/{key}.csv",),
        "redirect_hosts": (),
        "page": None,
        "release": None,
        "sha256": None,
        "maximum_bytes": 10_000_000,
        "licence": "none",
        "citation": "none",
    }
    return CatalogueFile(**{**fields, **changes})  # type: ignore[arg-type]


def check(files: FileSource) -> FileNews:
    (news,) = [one for one in check_cohort(files, COHORT) if one.name == KEY]
    return news


def refreshed(files: FileSource) -> RefreshedFile:
    (one,) = [one for one in refresh(files, COHORT) if one.news.name == KEY]
    return one


def cached(files: FileSource) -> bytes:
    return files.cached_path(files.catalogue.file(KEY)).read_bytes()


def record(files: FileSource) -> dict[str, str]:
    path = files.cached_path(files.catalogue.file(KEY))
    content: dict[str, str] = json.loads(path.with_name(f"{path.name}.source.json").read_text())
    return content


KINDS = [
    pytest.param({"etag": True}, SECOND, None, id="ETag"),
    pytest.param({"date": True}, SECOND, "2023-11-15", id="Last-Modified"),
    pytest.param({"etag": True, "date": True}, SECOND, "2023-11-15", id="both"),
    pytest.param({"etag": True, "ranges": False}, SECOND, None, id="ETag, no ranges"),
    pytest.param({}, LONGER, None, id="size"),
    pytest.param({"ranges": False}, LONGER, None, id="size, no ranges"),
]


@pytest.mark.parametrize(("kind", "content", "date"), KINDS)
def test_a_new_release_is_noticed_without_downloading_and_fetched_once(
    publisher: Publisher,
    source: Callable[..., FileSource],
    kind: dict[str, bool],
    content: bytes,
    date: str | None,
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, **kind)  # type: ignore[arg-type]
    files = source()
    assert check(files).state == "not asked"
    assert refreshed(files).source.sha256 == sha256_of(FIRST)

    for ask in (check, lambda files: refreshed(files).news):
        news, n_bytes = publisher.bytes_of(lambda ask=ask: ask(files))
        assert news.state == "unchanged"
        assert n_bytes < len(FIRST) / 4
    published.publish(content)
    news, n_bytes = publisher.bytes_of(lambda: check(files))
    assert (news.state, news.released) == ("new release", date)
    assert n_bytes < len(FIRST) / 4
    assert cached(files) == FIRST

    found = refreshed(source())
    assert (found.news.state, found.news.released) == ("new release", date)
    assert found.source.sha256 == sha256_of(content)
    assert cached(files) == content
    assert check(files).state == "unchanged"
    assert source().fetch(files.catalogue.file(KEY)).sha256 == sha256_of(content)


def test_what_was_seen_is_noted_beside_the_file(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    publisher.files["/expression"] = Published(FIRST, etag=True, date=True)
    files = source()
    refresh(files, COHORT)
    noted = record(files)
    assert noted["sha256"] == sha256_of(FIRST)
    assert (noted["etag"], noted["last_modified"]) == (
        '"release 0"',
        "Tue, 14 Nov 2023 22:13:20 GMT",
    )
    check(files)
    asked = [headers for path, headers in publisher.asked if path == "/expression"]
    assert asked[-1]["If-None-Match"] == noted["etag"]


def test_a_server_that_tells_nothing_is_asked_by_a_download(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, size=False, ranges=False)
    files = source()
    refresh(files, COHORT)
    news = check(files)
    assert news.state == "cannot be asked"
    assert "neither ETag nor date nor size" in str(news.why)
    assert refreshed(files).news.state == "unchanged"
    published.publish(SECOND)
    found = refreshed(files)
    assert (found.news.state, found.source.sha256) == ("new release", sha256_of(SECOND))


def test_another_etag_of_the_same_file_is_no_new_release(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    published.publish(FIRST)
    assert refreshed(files).news.state == "unchanged"
    assert record(files)["etag"] == '"release 1"'
    assert refreshed(files).news.why is None


def test_a_record_of_before_is_held_to_the_size_and_completed(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    """Records of earlier versions hold an address and a sha256."""
    publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    path = files.cached_path(files.catalogue.file(KEY))
    early = {"address": f"{publisher.address}/expression", "sha256": sha256_of(FIRST)}
    path.with_name(f"{path.name}.source.json").write_text(json.dumps(early))
    assert check(files).state == "unchanged"
    assert record(files) == early
    assert refreshed(files).news.state == "unchanged"
    assert record(files)["etag"] == '"release 0"'
    publisher.files["/expression"].publish(SECOND)
    assert check(files).state == "new release"


@pytest.mark.parametrize(
    "trouble", ["gone", "closed", "reset", "empty", "later", "page", "another host"]
)
def test_where_the_publisher_cannot_be_asked_the_old_file_stays(
    publisher: Publisher, source: Callable[..., FileSource], trouble: str
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    published.publish(SECOND)
    if trouble == "closed":
        publisher.close()
    elif trouble == "reset":
        published.resets = True
    elif trouble == "empty":
        published.content = b""
    elif trouble in ("gone", "later"):
        published.status = {"gone": 503, "later": 202}[trouble]
    elif trouble == "page":
        published.validators = lambda: {"Content-Type": "text/html"}  # type: ignore[method-assign]
    else:
        published.validators = lambda: {"Location": "http://localhost:9/"}  # type: ignore[method-assign]
        published.status = 302
    assert check(files).state == "cannot be asked"
    assert check(files).why
    found = refreshed(files)
    assert (found.news.state, found.source.sha256) == ("cannot be asked", sha256_of(FIRST))
    assert cached(files) == FIRST


def test_what_is_not_here_and_cannot_be_had_is_an_error(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    publisher.files["/expression"] = Published(FIRST, status=503)
    with pytest.raises(DownloadError, match="503"):
        refresh(source(), COHORT)


@pytest.mark.parametrize("status", [200, 202])
def test_an_answer_without_a_file_is_no_file(
    publisher: Publisher, source: Callable[..., FileSource], status: int
) -> None:
    publisher.files["/expression"] = Published(b"", status=status)
    with pytest.raises(DownloadError, match=f"{status}|empty"):
        refresh(source(), COHORT)


def test_a_release_that_comes_in_the_middle_of_a_download_is_not_mixed_with_it(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    published.publish(SECOND)
    published.breaks_after, published.then = 50_000, LONGER
    found = refreshed(files)
    assert found.source.sha256 == sha256_of(LONGER)
    assert record(files)["etag"] == '"release 2"'
    assert check(files).state == "unchanged"


def test_a_download_that_breaks_off_leaves_the_old_file_and_goes_on_next_time(
    publisher: Publisher, source: Callable[..., FileSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    published.publish(SECOND)
    published.breaks_after = 50_000
    with monkeypatch.context() as patched:
        patched.setattr("training.transfer.ATTEMPTS", 1)
        found = refreshed(files)
    assert (found.news.state, found.source.sha256) == ("cannot be asked", sha256_of(FIRST))
    found, n_bytes = publisher.bytes_of(lambda: refreshed(files))
    assert found.source.sha256 == sha256_of(SECOND)
    assert n_bytes <= len(SECOND) - 50_000 + 1


def test_a_new_release_is_held_to_the_limits_of_a_download(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source(maximum_bytes=len(FIRST))
    refresh(files, COHORT)
    published.publish(LONGER)
    with pytest.raises(DownloadError, match="larger than allowed"):
        refresh(files, COHORT)
    assert cached(files) == FIRST


def test_who_reads_the_old_file_reads_it_to_the_end(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    with files.cached_path(files.catalogue.file(KEY)).open("rb") as reader:
        begun = reader.read(1000)
        published.publish(LONGER)
        assert refreshed(files).source.sha256 == sha256_of(LONGER)
        assert begun + reader.read() == FIRST


def test_while_releases_change_everybody_gets_a_whole_file(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    contents = [FIRST[: 90_000 + number] for number in range(6)]
    published = publisher.files["/expression"] = Published(contents[0], etag=True)
    files = source()
    refresh(files, COHORT)
    file, ending, found, wrong = files.catalogue.file(KEY), threading.Event(), set(), list[str]()
    n_read = [0, 0]

    def read(reader: int) -> None:
        while not ending.is_set():
            try:
                found.add(source().fetch(file).sha256)
            except ChecksumError as error:
                wrong.append(str(error))
            n_read[reader] += 1

    readers = [threading.Thread(target=read, args=(reader,)) for reader in range(len(n_read))]
    for reader in readers:
        reader.start()
    for content in contents[1:]:
        published.publish(content)
        refresh(source(), COHORT)
        before = tuple(n_read)  # nobody may meet two releases in one look: that is an error
        while any(now == then for now, then in zip(n_read, before, strict=True)):
            time.sleep(0.005)
    ending.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert found <= {sha256_of(content) for content in contents}


def test_two_that_refresh_at_once_download_once(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    refresh(source(), COHORT)
    published.publish(SECOND)
    states: list[str] = []

    def one() -> None:
        states.append(refreshed(source()).news.state)

    before = publisher.n_bytes
    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["new release", "unchanged", "unchanged"]
    assert publisher.n_bytes - before < 1.5 * len(SECOND)


def test_a_crash_between_record_and_file_is_made_good(
    publisher: Publisher, source: Callable[..., FileSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    published.publish(SECOND)

    def crash(path: Path, target: Path) -> Path:
        if path.name == "expression.csv.new":
            raise KeyboardInterrupt
        path.rename(target)
        return target

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        patched.setattr("training.transfer.Transfer.__call__", arriving(SECOND))
        with pytest.raises(KeyboardInterrupt):
            refresh(files, COHORT)
    assert record(files)["sha256"] == sha256_of(SECOND)
    assert source().fetch(files.catalogue.file(KEY)).sha256 == sha256_of(FIRST)
    assert check(files).state == "new release"
    assert refreshed(files).source.sha256 == sha256_of(SECOND)


def arriving(content: bytes) -> Callable[..., object]:
    from training.file_records import Validators
    from training.transfer import Arrived

    def arrive(_: object, url: str, path: Path) -> Arrived:
        path.write_bytes(content)
        return Arrived(sha256_of(content), Validators('"release 1"', None))

    return arrive


def test_a_file_put_there_by_hand_and_one_of_a_known_sha256_are_left_alone(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    publisher.files["/expression"] = Published(SECOND, etag=True)
    files = source()
    path = files.cached_path(files.catalogue.file(KEY))
    path.parent.mkdir(parents=True)
    path.write_bytes(FIRST)
    assert check(files).why == "it was put here by hand"
    assert refreshed(files).source.sha256 == sha256_of(FIRST)
    known = source(sha256=sha256_of(FIRST))
    assert refreshed(known).news.why == "the catalogue names the sha256 that it must have"
    assert [path for path, _ in publisher.asked if path == "/expression"] == []


def test_a_file_whose_address_has_changed_is_another_release(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    publisher.files["/expression"] = Published(FIRST, etag=True)
    publisher.files["/moved"] = Published(SECOND, etag=True)
    refresh(source(), COHORT)
    files = source(path="/moved")
    assert check(files).state == "new release"
    assert refreshed(files).source.sha256 == sha256_of(SECOND)


def test_a_damaged_cache_is_told(publisher: Publisher, source: Callable[..., FileSource]) -> None:
    publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refreshed(files).source.path.write_bytes(b"damaged")
    with pytest.raises(ChecksumError, match="the cache"):
        check(files)


def test_every_cohort_is_asked_about_each_file_once(
    publisher: Publisher, source: Callable[..., FileSource]
) -> None:
    publisher.files["/expression"] = Published(FIRST, etag=True)
    files = source()
    refresh(files, COHORT)
    assert [one.name for one in check_every_cohort(files)] == [KEY, "hgnc"]
    with pytest.raises(CatalogueError):
        check_cohort(files, "nothing-of-the-kind")


class TestMirrorByAddress:
    """A mirror's manifest says what is new."""

    @pytest.fixture
    def mirror(self, publisher: Publisher, source: Callable[..., FileSource]) -> FileSource:
        publisher.mirror({"tiny/expression.csv": FIRST, "tiny/hgnc.csv": NAMES})
        files = source(f"{publisher.address}/mirror")
        refresh(files, COHORT)
        return files

    def bring(self, publisher: Publisher, content: bytes) -> None:
        publisher.mirror({"tiny/expression.csv": content, "tiny/hgnc.csv": NAMES})

    def test_what_its_manifest_no_longer_says_is_fetched_again(
        self, publisher: Publisher, source: Callable[..., FileSource], mirror: FileSource
    ) -> None:
        self.bring(publisher, SECOND)
        again = source(f"{publisher.address}/mirror")
        assert again.fetch(mirror.catalogue.file(KEY)).sha256 == sha256_of(SECOND)

    def test_news_of_it_cost_a_manifest(self, publisher: Publisher, mirror: FileSource) -> None:
        news, n_bytes = publisher.bytes_of(lambda: check(mirror))
        assert news.state == "unchanged"
        assert n_bytes < 1000
        self.bring(publisher, SECOND)
        news, n_bytes = publisher.bytes_of(lambda: check(mirror))
        assert news.state == "new release"
        assert n_bytes < 1000
        found = refreshed(mirror)
        assert (found.news.state, found.source.sha256) == ("new release", sha256_of(SECOND))
        assert refreshed(mirror).news.state == "unchanged"

    def test_where_it_is_away_the_copies_stay(
        self, publisher: Publisher, mirror: FileSource
    ) -> None:
        self.bring(publisher, SECOND)
        publisher.close()
        assert {one.state for one in check_cohort(mirror, COHORT)} == {"cannot be asked"}
        found = refreshed(mirror)
        assert (found.news.state, found.source.sha256) == ("cannot be asked", sha256_of(FIRST))
        assert found.source.complete is True

    def test_one_that_is_half_changed_is_an_error_and_the_copy_stays(
        self, publisher: Publisher, mirror: FileSource
    ) -> None:
        self.bring(publisher, SECOND)
        publisher.files["/mirror/tiny/expression.csv"] = Published(LONGER)
        with pytest.raises(ChecksumError, match=sha256_of(LONGER)):
            refresh(mirror, COHORT)
        kept = mirror.kept(mirror.catalogue.file(KEY))
        assert kept is not None
        assert kept.sha256 == sha256_of(FIRST)


def test_files_in_the_folder_of_a_mirror_are_read_there(
    source: Callable[..., FileSource], tmp_path: Path
) -> None:
    folder = tmp_path / "mirror"
    (folder / "tiny").mkdir(parents=True)
    for name, content in (("expression", FIRST), ("hgnc", NAMES)):
        (folder / "tiny" / f"{name}.csv").write_bytes(content)
    files = source(str(folder))
    assert {one.state for one in check_cohort(files, COHORT)} == {"not asked"}
    assert refreshed(files).source.path.parent.parent == folder
    with pytest.raises(DownloadError, match="not a folder"):
        check_cohort(source(str(tmp_path / "nowhere")), COHORT)
