"""A bundle as named files in memory, and back; one loader a format version."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import FeaturesError
from features.gene_sets import GeneSetCollection
from features.symbols import GeneRecord, SymbolTable
from features.transformer import GeneSetFeatures
from models.archive import Arrays, json_bytes, npz_bytes, read_json, read_npz
from models.bundle import Bundle
from models.domain import DomainReference
from models.drug_arrays import (
    calibration_arrays,
    calibrations,
    conformal_arrays,
    conformals,
    flat_trees,
    linear_arrays,
    linear_scores,
    tree_arrays,
)
from models.drug_model import DrugModel
from models.errors import BundleError, ModelsError
from models.golden_answers import GoldenAnswers
from models.held_out import HeldOutPredictions, held_out_arrays, held_out_from_arrays
from models.manifest import Manifest, damaged

# They differ between two runs of the same training, so they stand in the manifest beside the hash.
NOT_HASHED = ("created_at", "run_id")
DRUG_FIELDS = ("drug", "estimator", "parameters", "status", "label_card", "evidence_card")


def encode_bundle(bundle: Bundle, boosters: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files of a bundle by name, without its manifest."""
    _check_gene_sets(bundle)
    models = list(bundle.drugs.values())
    booster_files = _booster_files(models, boosters)
    arrays, meta = bundle.features.state()
    records = bundle.symbols.records_of(bundle.features.reference_.genes)
    files = {
        "features.npz": npz_bytes(arrays),
        "features.json": json_bytes({k: v for k, v in meta.items() if k != "gene_sets"}),
        "gene_sets.json": json_bytes(bundle.gene_sets.to_json()),
        "genes.json": json_bytes([asdict(record) for record in records]),
        "drugs.json": json_bytes([_drug_entry(model) for model in models]),
        "linear.npz": npz_bytes(linear_arrays(models, len(bundle.features.feature_names_))),
        "trees.npz": npz_bytes(tree_arrays(models)),
        "calibration.npz": npz_bytes(calibration_arrays(models)),
        "conformal.npz": npz_bytes(conformal_arrays(models)),
        "provenance.json": json_bytes(_provenance(bundle), sort_keys=True),
    }
    for name, (part_arrays, part_meta) in _optional_parts(bundle).items():
        files[f"{name}.npz"] = npz_bytes(part_arrays)
        if part_meta is not None:
            files[f"{name}.json"] = json_bytes(part_meta)
    return files | {file: boosters[drug] for drug, file in booster_files.items()}


def _optional_parts(bundle: Bundle) -> dict[str, tuple[Arrays, dict[str, Any] | None]]:
    """Give the parts that a bundle may lack, as arrays and the names beside them."""
    parts: dict[str, tuple[Arrays, dict[str, Any] | None]] = {}
    if bundle.golden is not None:
        parts["golden"] = bundle.golden.to_arrays()
    if bundle.domain is not None:
        parts["domain"] = bundle.domain.to_arrays()
    if bundle.background is not None:
        parts["background"] = ({"features": bundle.background}, None)
    held_out = {
        name: model.held_out for name, model in bundle.drugs.items() if model.held_out is not None
    }
    if held_out:
        parts["held_out"] = held_out_arrays(held_out)
    return parts


def about_bundle(bundle: Bundle) -> dict[str, Any]:
    """Describe a bundle for listings, with what does not count towards the hash."""
    not_hashed = {name: bundle.provenance[name] for name in NOT_HASHED if name in bundle.provenance}
    return {
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "drugs": {name: model.status for name, model in bundle.drugs.items()},
        "n_features": len(bundle.features.feature_names_),
        "gene_sets_sha256": bundle.gene_sets.sha256,
        **not_hashed,
    }


def decode_bundle(files: Mapping[str, bytes], manifest: Manifest, *, version: str | None) -> Bundle:
    """Bundle from files whose hashes were checked; BundleDamagedError names the wrong one."""
    return LOADERS[manifest.format_version](files, manifest, version)


def _decode(files: Mapping[str, bytes], manifest: Manifest, version: str | None) -> Bundle:
    with _reading("gene_sets.json"):
        gene_sets = GeneSetCollection.from_json(read_json(files["gene_sets.json"]))
    with _reading("features.json or features.npz"):
        meta = {**read_json(files["features.json"]), "gene_sets": gene_sets.to_json()}
        features = GeneSetFeatures.from_state(read_npz(files["features.npz"]), meta)
    with _reading("genes.json"):
        symbols = SymbolTable.from_records(
            [_gene_record(entry) for entry in read_json(files["genes.json"])]
        )
    drugs = _decode_drugs(files, len(features.feature_names_))
    golden = None
    if "golden.json" in files:
        with _reading("golden.json or golden.npz"):
            golden = GoldenAnswers.from_arrays(
                read_npz(files["golden.npz"]), read_json(files["golden.json"])
            )
    with _reading("provenance.json"):
        stored = read_json(files["provenance.json"])
        not_hashed = {name: manifest.about[name] for name in NOT_HASHED if name in manifest.about}
        return Bundle(
            features=features,
            gene_sets=gene_sets,
            symbols=symbols,
            drugs=drugs,
            provenance={**stored["provenance"], **not_hashed},
            minimum_gene_coverage=stored["minimum_gene_coverage"],
            version=version,
            sha256=manifest.sha256,
            golden=golden,
            domain=_decode_domain(files),
            background=_decode_background(files),
        )


# Format 2 added parts and took none away: a bundle of format 1 is one that lacks them.
LOADERS: dict[int, Callable[[Mapping[str, bytes], Manifest, str | None], Bundle]] = {
    1: _decode,
    2: _decode,
}


def _decode_domain(files: Mapping[str, bytes]) -> DomainReference | None:
    if "domain.npz" not in files:
        return None
    with _reading("domain.json or domain.npz"):
        return DomainReference.from_arrays(
            read_npz(files["domain.npz"]), read_json(files["domain.json"])
        )


def _decode_background(files: Mapping[str, bytes]) -> NDArray[np.float64] | None:
    if "background.npz" not in files:
        return None
    with _reading("background.npz"):
        return read_npz(files["background.npz"])["features"].astype(np.float64, copy=False)


def _decode_held_out(files: Mapping[str, bytes]) -> dict[str, HeldOutPredictions]:
    if "held_out.npz" not in files:
        return {}
    with _reading("held_out.json or held_out.npz"):
        return held_out_from_arrays(
            read_npz(files["held_out.npz"]), read_json(files["held_out.json"])
        )


def _decode_drugs(files: Mapping[str, bytes], n_features: int) -> dict[str, DrugModel]:
    with _reading("drugs.json"):
        entries = read_json(files["drugs.json"])
    with _reading("linear.npz"):
        linear = linear_scores(read_npz(files["linear.npz"]))
    with _reading("trees.npz"):
        trees = flat_trees(read_npz(files["trees.npz"]), n_features)
    with _reading("calibration.npz"):
        calibration = calibrations(read_npz(files["calibration.npz"]))
    with _reading("conformal.npz"):
        conformal = conformals(read_npz(files["conformal.npz"]))
    held_out = _decode_held_out(files)
    with _reading("drugs.json"):
        rows = enumerate(zip(entries, calibration, conformal, strict=True))
        models = [
            DrugModel(
                **{name: entry[name] for name in DRUG_FIELDS},
                linear=linear.get(at),
                trees=trees.get(at),
                calibration=sigmoid,
                conformal=sets,
                held_out=held_out.get(entry["drug"]),
            )
            for at, (entry, sigmoid, sets) in rows
        ]
        return {model.drug: model for model in models}


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """Turn whatever wrong content raises into the error that names the file."""
    try:
        yield
    except (
        ModelsError,
        FeaturesError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
    ) as error:
        raise damaged(file, f"holds what it must not ({error})") from error


def _drug_entry(model: DrugModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in DRUG_FIELDS}


def _provenance(bundle: Bundle) -> dict[str, Any]:
    provenance = {k: v for k, v in bundle.provenance.items() if k not in NOT_HASHED}
    return {"provenance": provenance, "minimum_gene_coverage": bundle.minimum_gene_coverage}


def _gene_record(entry: dict[str, Any]) -> GeneRecord:
    lists = {name: tuple(entry[name]) for name in ("previous", "aliases")}
    return GeneRecord(**{**entry, **lists})


def _booster_files(models: list[DrugModel], boosters: Mapping[str, bytes]) -> dict[str, str]:
    grown = {model.drug: at for at, model in enumerate(models) if model.trees is not None}
    strangers = sorted(set(boosters) - set(grown))
    if strangers:
        raise BundleError(
            f"Boosters for {', '.join(strangers[:5])}, which have no trees in this bundle.",
            needed="boosters of drugs whose score is made of trees.",
            remedy="leave these boosters out.",
        )
    slugs = {drug: re.sub(r"[^a-z0-9]+", "_", drug.lower()).strip("_") for drug in boosters}
    return {drug: f"boosters/{grown[drug]:03d}_{slugs[drug]}.ubj" for drug in boosters}


def _check_gene_sets(bundle: Bundle) -> None:
    if bundle.gene_sets.sha256 != bundle.features.gene_sets.sha256:
        raise BundleError(
            "The gene sets of the bundle are not those that its features were built from.",
            needed="the same gene sets.",
            remedy="pass features.gene_sets.",
        )
