import json
from dataclasses import replace

import numpy as np
import pytest

from models.archive import json_bytes, npz_bytes, read_json, read_npz
from models.bundle_files import load_bundle, verify_bundle, write_bundle, write_folder
from models.domain import DomainReference
from models.errors import BundleDamagedError, BundleError
from models.golden import check_golden
from models.manifest import MANIFEST, Manifest, parse_manifest, sha256_of
from models.prediction import predict

BOOSTERS = {"Elesclomol": b"a booster", "5-Fluorouracil": b"another"}


@pytest.fixture
def folder(bundle, tmp_path):
    write_bundle(bundle, tmp_path / "bundle", boosters=BOOSTERS)
    return tmp_path / "bundle"


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_round_trip_is_exact(bundle, folder, make_expression, profiles):
    loaded = load_bundle(folder, version="7")
    assert loaded.version == "7"
    assert loaded.provenance == bundle.provenance
    assert list(loaded.drugs) == list(bundle.drugs)
    for name, model in bundle.drugs.items():
        other = loaded.drugs[name]
        assert (other.label_card, other.evidence_card) == (model.label_card, model.evidence_card)
        assert other.calibration == model.calibration
        np.testing.assert_array_equal(other.conformal.sensitive, model.conformal.sensitive)
    expression = make_expression(profiles)
    drugs = list(bundle.drugs)
    ours, theirs = (predict(one, expression, drugs=drugs).table for one in (bundle, loaded))
    np.testing.assert_array_equal(ours["probability_sensitive"], theirs["probability_sensitive"])
    np.testing.assert_array_equal(ours["domain_percentile"], theirs["domain_percentile"])
    assert_same_training_lines(loaded, bundle)


def assert_same_training_lines(loaded, bundle):
    np.testing.assert_array_equal(loaded.background, bundle.background)
    assert loaded.domain.samples == bundle.domain.samples
    for name, model in bundle.drugs.items():
        ours, theirs = model.held_out, loaded.drugs[name].held_out
        assert (ours.samples, ours.groups) == (theirs.samples, theirs.groups)
        np.testing.assert_array_equal(ours.probability, theirs.probability)
        if model.trees is not None:
            np.testing.assert_array_equal(loaded.drugs[name].trees.cover, model.trees.cover)


PARTS_OF_FORMAT_2 = (
    *("domain.npz", "domain.json", "background.npz"),
    *("held_out.npz", "held_out.json"),
)


def as_format_1(folder, target):
    """The bundle as the version before wrote it: the same files without what format 2 added."""
    files = {n: raw for n, raw in files_of(folder).items() if n not in PARTS_OF_FORMAT_2}
    about = parse_manifest(files.pop(MANIFEST)).about
    for name, added in (("trees.npz", "cover"), ("golden.npz", "domain_percentile")):
        arrays = read_npz(files[name])
        files[name] = npz_bytes({n: a for n, a in arrays.items() if not n.startswith(added)})
    hashes = {name: sha256_of(raw) for name, raw in sorted(files.items())}
    write_folder({**files, MANIFEST: Manifest(1, hashes, about).to_bytes()}, target)


def test_format_1_answers_and_lacks_the_new_parts(
    bundle, folder, tmp_path, make_expression, profiles
):
    as_format_1(folder, tmp_path / "old")
    assert verify_bundle(tmp_path / "old").format_version == 1
    old = load_bundle(tmp_path / "old")
    check_golden(old)
    assert (old.domain, old.background) == (None, None)
    assert all(model.held_out is None for model in old.drugs.values())
    assert all(m.trees.cover is None for m in old.drugs.values() if m.trees is not None)
    expression = make_expression(profiles)
    drugs = list(bundle.drugs)
    ours, theirs = (predict(one, expression, drugs=drugs).table for one in (bundle, old))
    np.testing.assert_array_equal(ours["probability_sensitive"], theirs["probability_sensitive"])
    assert theirs["domain_percentile"].isna().all()


def test_held_out_predictions_can_be_left_out_but_are_verified(folder):
    lean = load_bundle(folder, without=("held_out",))
    assert all(model.held_out is None for model in lean.drugs.values())
    check_golden(lean)
    assert lean.sha256 == load_bundle(folder).sha256
    (folder / "held_out.npz").write_bytes(b"")
    with pytest.raises(BundleDamagedError, match=r"held_out\.npz"):
        load_bundle(folder, without=("held_out",))


def test_format_1_is_written_anew_as_format_2(folder, tmp_path):
    as_format_1(folder, tmp_path / "old")
    write_bundle(load_bundle(tmp_path / "old"), tmp_path / "new")
    assert verify_bundle(tmp_path / "new").format_version == 2
    again = load_bundle(tmp_path / "new")
    check_golden(again)
    assert again.domain is None
    assert all(m.trees.cover is None for m in again.drugs.values() if m.trees is not None)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda bundle: {"background": bundle.background[:-1]}, "background of shape"),
        (lambda bundle: {"background": bundle.background * np.nan}, "not finite"),
        (lambda bundle: {"domain": narrower(bundle.domain)}, "Training lines with 10 z values"),
    ],
)
def test_training_lines_that_do_not_fit_are_refused(bundle, change, found):
    with pytest.raises(BundleError, match=found):
        replace(bundle, **change(bundle))


def narrower(domain):
    lines = domain.features[:, :-1]
    return DomainReference.fit(lines, domain.samples, domain.lineage)


def test_a_loaded_bundle_writes_the_same_bytes(folder, tmp_path):
    write_bundle(load_bundle(folder), tmp_path / "again", boosters=BOOSTERS)
    assert files_of(tmp_path / "again") == files_of(folder)


def test_the_same_training_gives_the_same_bytes_at_another_time(make_bundle, tmp_path):
    hashes = []
    for at, time in enumerate(("2026-01-01", "2027-02-02")):
        provenance = {"cohort": "c", "simulated": True, "created_at": time, "run_id": time}
        bundle = make_bundle(provenance=provenance)
        hashes.append(write_bundle(bundle, tmp_path / str(at)))
    first, second = (files_of(tmp_path / name) for name in ("0", "1"))
    manifests = [first.pop(MANIFEST), second.pop(MANIFEST)]
    assert first == second
    assert hashes[0] == hashes[1]
    assert manifests[0] != manifests[1]
    assert load_bundle(tmp_path / "1").provenance["created_at"] == "2027-02-02"


def test_another_seed_gives_another_hash(make_bundle, tmp_path, folder):
    assert write_bundle(make_bundle(seed=1), tmp_path / "other") != verify_bundle(folder).sha256


def test_a_flipped_bit_in_any_file_is_found(folder):
    random = np.random.default_rng(0)
    for name, raw in files_of(folder).items():
        for position in {0, len(raw) - 1, *random.integers(0, len(raw), size=6).tolist()}:
            flipped = bytearray(raw)
            flipped[position] ^= 1 << int(random.integers(8))
            (folder / name).write_bytes(flipped)
            with pytest.raises(BundleDamagedError, match=name.replace(".", r"\.")):
                load_bundle(folder)
        (folder / name).write_bytes(raw)
    load_bundle(folder)


def test_a_missing_file_is_named(folder):
    for name in sorted(set(files_of(folder)) - {MANIFEST}):
        raw = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(BundleDamagedError, match=f"{name} is missing"):
            load_bundle(folder)
        (folder / name).write_bytes(raw)


def test_an_extra_file_is_refused(folder):
    (folder / "boosters" / "more.pkl").write_bytes(b"")
    with pytest.raises(BundleDamagedError, match=r"boosters/more\.pkl is not listed"):
        verify_bundle(folder)


def test_a_link_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere").write_bytes((folder / "linear.npz").read_bytes())
    (folder / "linear.npz").unlink()
    (folder / "linear.npz").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleDamagedError, match=r"linear\.npz is a link"):
        load_bundle(folder)


def test_no_bundle_there(tmp_path):
    with pytest.raises(BundleError, match=r"holds no manifest\.json"):
        load_bundle(tmp_path / "nowhere")


def resealed(content):
    """A manifest as an attacker would write it: its own hash is right."""
    content = {name: value for name, value in content.items() if name != "manifest_sha256"}
    own = sha256_of(json_bytes(content, sort_keys=True))
    return json_bytes({**content, "manifest_sha256": own}, sort_keys=True)


@pytest.mark.parametrize(
    "name", ["../outside.npz", "/etc/passwd", "boosters/../../x", "a/b/c", "manifest.json", ""]
)
def test_a_manifest_that_leaves_the_folder_is_refused(folder, name):
    content = json.loads((folder / MANIFEST).read_bytes())
    content["files"][name] = "0" * 64
    (folder / MANIFEST).write_bytes(resealed(content))
    with pytest.raises(BundleDamagedError, match="a file name that is not allowed"):
        load_bundle(folder)


def test_another_format_is_told_from_damage(folder):
    content = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(resealed({**content, "format_version": 3}))
    with pytest.raises(BundleError, match="in format 3") as refused:
        load_bundle(folder)
    assert not isinstance(refused.value, BundleDamagedError)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("linear.npz", lambda arrays: {**arrays, "coefficients": arrays["coefficients"][:, :-1]}),
        ("trees.npz", lambda arrays: {**arrays, "left": arrays["left"] * 0}),
        ("trees.npz", lambda arrays: {**arrays, "n_nodes": arrays["n_nodes"] * 9}),
        ("calibration.npz", lambda arrays: {**arrays, "slope": -arrays["slope"] - 1}),
        ("conformal.npz", lambda arrays: {**arrays, "sensitive": arrays["sensitive"] + 2}),
        ("features.npz", lambda arrays: {}),
        ("trees.npz", lambda arrays: {**arrays, "cover": -arrays["cover"]}),
        ("trees.npz", lambda arrays: {**arrays, "cover": arrays["cover"][:-1]}),
        ("domain.npz", lambda arrays: {**arrays, "lines": arrays["lines"][:, :-1]}),
        ("domain.npz", lambda arrays: {**arrays, "spacing": arrays["spacing"][:-1]}),
        ("background.npz", lambda arrays: {"features": arrays["features"][:-1]}),
        ("background.npz", lambda arrays: {}),
        ("held_out.npz", lambda arrays: {**arrays, "probability": arrays["probability"] + 2}),
        ("held_out.npz", lambda arrays: {**arrays, "line": arrays["line"] + 99}),
    ],
)
def test_wrong_content_under_a_right_hash_is_refused(folder, file, change):
    raw = npz_bytes(change(read_npz((folder / file).read_bytes())))
    (folder / file).write_bytes(raw)
    manifest = parse_manifest((folder / MANIFEST).read_bytes())
    files = {**manifest.files, file: sha256_of(raw)}
    sealed = Manifest(manifest.format_version, files, manifest.about).to_bytes()
    (folder / MANIFEST).write_bytes(sealed)
    with pytest.raises(BundleDamagedError):
        load_bundle(folder)


def test_no_pickle_in_it(folder):
    files = files_of(folder)
    assert {name.rsplit(".", 1)[1] for name in files} == {"json", "npz", "ubj"}
    for name, raw in files.items():
        if name.endswith(".npz"):
            assert all(not array.dtype.hasobject for array in read_npz(raw).values())
        elif name.endswith(".json"):
            read_json(raw)


def test_objects_and_compressed_members_are_refused(tmp_path):
    with pytest.raises(BundleError, match="Python objects"):
        npz_bytes({"a": np.array([object()])})
    np.savez_compressed(tmp_path / "packed.npz", a=np.zeros(10))
    with pytest.raises(ValueError, match="compressed"):
        read_npz((tmp_path / "packed.npz").read_bytes())


def test_nan_is_not_json():
    with pytest.raises(BundleError, match="JSON"):
        json_bytes({"roc_auc": float("nan")})
    with pytest.raises(ValueError, match="NaN"):
        read_json(b'{"roc_auc": NaN}')
    with pytest.raises(ValueError, match="twice"):
        read_json(b'{"a": 1, "a": 2}')


def test_an_existing_folder_is_not_touched(bundle, folder):
    before = files_of(folder)
    with pytest.raises(BundleError, match="exists already"):
        write_bundle(bundle, folder)
    assert files_of(folder) == before


def test_nothing_is_left_when_writing_fails(bundle, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.bundle_files.os.fsync", full)
    with pytest.raises(BundleError, match="No space left"):
        write_bundle(bundle, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written"):
        write_folder({"a.json": b"{}"}, tmp_path / "file" / "bundle")


def test_boosters_of_other_drugs_are_refused(bundle, tmp_path):
    with pytest.raises(BundleError, match="Cisplatin"):
        write_bundle(bundle, tmp_path / "bundle", boosters={"Cisplatin": b""})


@pytest.mark.parametrize(
    "change",
    [
        {"drugs": {}},
        {"provenance": {"cohort": "c"}},
        {"minimum_gene_coverage": 0.0},
    ],
)
def test_a_bundle_that_lacks_what_answers_need_is_refused(bundle, change):
    with pytest.raises(BundleError, match="Needed"):
        replace(bundle, **change)


def test_a_drug_under_another_name_is_refused(bundle):
    with pytest.raises(BundleError, match="Cisplatin"):
        replace(bundle, drugs={"Cisplatin": bundle.drugs["Elesclomol"]})
