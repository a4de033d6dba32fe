"""Joining of cell lines: by COSMIC id, else through Model.csv, else by normalised line name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import pandas as pd

from training.cell_line_models import CellLineModels, normalise_line_name
from training.drugs import describe_merging, merge_screens
from training.joining import (
    Identified,
    Joined,
    pair,
    report_pairing,
    response_of_samples,
    sample_series,
)
from training.response import RawResponse, Response, ScreenedElsewhere

SampleId = Literal["cosmic_id", "ccle_name", "model_id"]

_LABELS = {
    "cosmic_id": "COSMIC id",
    "ccle_name": "CCLEName",
    "model_id": "ModelID",
    "sanger_model_id": "SangerModelID",
    "line_name": "normalised line name",
}


def join_cell_lines(
    samples: Sequence[str], raw: RawResponse, models: CellLineModels | None, *, sample_id: SampleId
) -> Joined:
    """Join expression and response of cell lines.

    With COSMIC ids on both sides they join directly. Otherwise both sides are looked up in
    Model.csv. Lineage is OncotreeLineage and the split group is the patient; without Model.csv they
    are the lineage of the response file and the line itself.

    Parameters
    ----------
    samples
        Ids of the expression.
    models
        Model.csv; may be None only when `sample_id` is the COSMIC id.
    sample_id
        What the ids of the expression are.
    """
    if sample_id == "cosmic_id":
        return _join_by_cosmic_id(samples, raw, models)
    if models is None:
        raise ValueError(f"{sample_id} can be joined through Model.csv only")
    expression = identify_samples(samples, models, sample_id)
    response = identify_lines(raw.lines, models)
    method = f"{_LABELS[sample_id]} through Model.csv"
    return _join(samples, expression, response, raw, models, expression, method)


def identify_samples(
    samples: Iterable[str], models: CellLineModels, sample_id: SampleId
) -> Identified:
    """ModelID of each sample by its id, else by its name: `T173_BONE` is the line T173."""
    names = pd.Series({sample: sample.split("_")[0] for sample in samples}, dtype=object)
    ids = pd.DataFrame({sample_id: names.index, "line_name": names}, index=names.index)
    return _identify(ids, models, (sample_id, "line_name"), "samples")


def identify_lines(lines: pd.DataFrame, models: CellLineModels) -> Identified:
    """ModelID of each line of a response file, by the first of its ids that Model.csv holds.

    COSMIC ids come first, since two models of Model.csv may share a SangerModelID.
    """
    columns = ("model_id", "cosmic_id", "sanger_model_id", "line_name")
    return _identify(lines, models, columns, "lines")


def index_by_model(raw: RawResponse, models: CellLineModels) -> RawResponse:
    """Response by ModelID; lines that Model.csv does not know, or knows twice, are left out."""
    keys = pd.Series(identify_lines(raw.lines, models).keys, dtype=object)
    keys = keys[~keys.duplicated(keep=False)]
    values = raw.values.loc[keys.index].set_axis(pd.Index(keys), axis=0)
    lines = raw.lines.loc[keys.index].set_axis(pd.Index(keys), axis=0)
    return replace(raw, values=values, lines=lines)


def _join_by_cosmic_id(
    samples: Sequence[str], raw: RawResponse, models: CellLineModels | None
) -> Joined:
    expression = Identified({sample: sample.removeprefix("DATA.") for sample in samples})
    cosmic_ids = raw.lines["cosmic_id"].dropna()
    response = Identified({str(line): str(cosmic) for line, cosmic in cosmic_ids.items()})
    known = identify_lines(raw.lines, models) if models is not None else None
    return _join(samples, expression, response, raw, models, known, "COSMIC id")


def _join(
    samples: Sequence[str],
    expression: Identified,
    response: Identified,
    raw: RawResponse,
    models: CellLineModels | None,
    known: Identified | None,
    method: str,
) -> Joined:
    pairing = pair(expression, response)
    merged = merge_screens(raw)
    kept = [sample for sample in samples if sample in pairing.pairs]
    pairs = {sample: pairing.pairs[sample] for sample in kept}
    lineage, split_group, said = _describe_samples(pairs, raw.lines, models, known)
    steps = [*raw.steps, *filter(None, [describe_merging(merged)])]
    report = report_pairing(pairing, expression, response, method, [*steps, said])
    response_here = replace(
        response_of_samples(merged, pairs),
        elsewhere=None if models is None else _of_other_patients(merged, raw, models, split_group),
    )
    return Joined(kept, response_here, lineage, split_group, report)


def _of_other_patients(
    merged: Response, raw: RawResponse, models: CellLineModels, split_group: pd.Series[str]
) -> ScreenedElsewhere:
    """Responses of lines whose patient is known and has no sample in the cohort."""
    keys = identify_lines(raw.lines, models).keys
    lines = [str(line) for line in merged.values.index if str(line) in keys]
    rows = models.table.reindex([keys[line] for line in lines])
    others = rows["patient"].notna().to_numpy() & ~rows["patient"].isin(set(split_group)).to_numpy()
    kept = [line for line, other in zip(lines, others, strict=True) if other]
    lineage = sample_series(rows["lineage"][others].tolist(), kept, "lineage")
    return ScreenedElsewhere(merged.values.loc[kept], lineage)


def _describe_samples(
    pairs: dict[str, str],
    lines: pd.DataFrame,
    models: CellLineModels | None,
    known: Identified | None,
) -> tuple[pd.Series[str], pd.Series[str], str]:
    """Lineage and split group of the samples, and a sentence about their source."""
    samples = list(pairs)
    if models is None or known is None:
        lineage = sample_series(
            lines.loc[list(pairs.values()), "lineage"].tolist(), samples, "lineage"
        )
        said = (
            "Without Model.csv: lineage is that of the response file, each line is its own group."
        )
        return lineage, sample_series(samples, samples, "split_group"), said
    ids = [known.keys.get(sample) or known.keys.get(line) for sample, line in pairs.items()]
    rows = models.table.reindex(ids)
    groups = [
        patient if pd.notna(patient) else sample
        for patient, sample in zip(rows["patient"], samples, strict=True)
    ]
    said = (
        f"Lineage is OncotreeLineage and the split group is PatientID of Model.csv; "
        f"{rows['patient'].isna().sum()} lines have no patient there and are their own group."
    )
    lineage = sample_series(rows["lineage"].tolist(), samples, "lineage")
    return lineage, sample_series(groups, samples, "split_group"), said


def _identify(
    ids: pd.DataFrame, models: CellLineModels, columns: Sequence[str], what: str
) -> Identified:
    keys: dict[str, str] = {}
    by_column: dict[str, list[str]] = {}
    for column in columns:
        lookup = _lookup(models, column)
        unknown = ids.loc[[str(row) not in keys for row in ids.index], column]
        for row, value in _usable(unknown, column).items():
            if value in lookup:
                keys[str(row)] = lookup[value]
                by_column.setdefault(column, []).append(str(row))
    tried = ", ".join(_LABELS[column] for column in columns)
    reasons = {
        str(row): f"not in Model.csv by {tried}" for row in ids.index if str(row) not in keys
    }
    counts = ", ".join(
        f"{len(rows)} by {_LABELS[column]}{_name_few(rows)}" for column, rows in by_column.items()
    )
    step = f"Model.csv knows {len(keys)} of {len(ids)} {what}: {counts or 'none'}."
    # In the order in which they were recognised: of two rows of a model the surer one is kept.
    return Identified(keys, reasons, (step,))


def _lookup(models: CellLineModels, column: str) -> dict[str, str]:
    if column == "model_id":
        return {str(model): str(model) for model in models.table.index}
    return models.lookup(column)


def _usable(values: pd.Series[str], column: str) -> pd.Series[str]:
    """Values that are there; names only where one row has them."""
    present = values.dropna()
    if column != "line_name":
        return present
    names = present.map(normalise_line_name)
    return names[~names.duplicated(keep=False)]


def _name_few(rows: Sequence[str]) -> str:
    return f" ({', '.join(rows)})" if len(rows) <= 20 else ""
