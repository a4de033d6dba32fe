"""Joining of patients: tumour samples of TCGA, and samples of a user's own table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from features.errors import FormatError
from training.drugs import describe_merging, merge_screens
from training.joining import (
    DROPPED_COLUMNS,
    Identified,
    Joined,
    JoiningReport,
    pair,
    report_pairing,
    response_of_samples,
    sample_series,
)
from training.response import RawResponse

_BARCODE = re.compile(r"(TCGA-\w{2}-\w{4})-(\d{2})[A-Z]?")
_TUMOUR_TYPES = ("01", "03", "09", "02", "04", "05", "06", "07")
"""Sample types of TCGA in order of preference: primary tumour and primary blood cancers first.

Source: https://gdc.cancer.gov/resources-tcga-users/tcga-code-tables/sample-type-codes
"""


def read_cancer_types(path: Path) -> dict[str, str]:
    """Cancer type abbreviation of every TCGA patient, from the survival table of Xena."""
    columns = ["PATIENT", "cancer type abbreviation"]
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, usecols=columns, keep_default_na=False)
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(
            f"{path.name} is not the survival table of Xena: {error}.",
            needed=f"a tab-separated table with the columns {' and '.join(columns)}.",
            remedy="Fetch the file again.",
        ) from error
    return dict(zip(table[columns[0]], table[columns[1]], strict=True))


def join_tcga(samples: Sequence[str], raw: RawResponse, cancer_types: dict[str, str]) -> Joined:
    """Join tumour samples and patients: one sample a patient, primary tumour (-01) preferred."""
    expression = _identify_tumours(samples)
    response = Identified({str(patient): str(patient) for patient in raw.lines.index})
    pairing = pair(expression, response)
    merged = merge_screens(raw)
    pairs = {sample: pairing.pairs[sample] for sample in samples if sample in pairing.pairs}
    n_primary = sum(_BARCODE.fullmatch(sample)[2] == "01" for sample in pairs)  # type: ignore[index]
    steps = [
        *raw.steps,
        *filter(None, [describe_merging(merged)]),
        f"One tumour sample a patient: {n_primary} primary tumours (-01), "
        f"{len(pairs) - n_primary} of another kind where there is no primary.",
        "Lineage is the cancer type abbreviation of the survival table; the split group is the "
        "patient.",
    ]
    report = report_pairing(pairing, expression, response, "patient barcode", steps)
    patients = list(pairs.values())
    return Joined(
        samples=list(pairs),
        response=response_of_samples(merged, pairs),
        lineage=sample_series([cancer_types.get(p) for p in patients], list(pairs), "lineage"),
        split_group=sample_series(patients, list(pairs), "split_group"),
        report=report,
    )


def join_table(samples: Sequence[str], raw: RawResponse) -> Joined:
    """Join a user's expression and response by sample id, as it is written."""
    expression = Identified({sample: sample for sample in samples})
    response = Identified({str(sample): str(sample) for sample in raw.lines.index})
    pairing = pair(expression, response)
    merged = merge_screens(raw)
    pairs = {sample: pairing.pairs[sample] for sample in samples if sample in pairing.pairs}
    about = raw.lines.loc[list(pairs.values())]
    groups = [
        patient if pd.notna(patient) else sample
        for patient, sample in zip(about["patient"], about.index, strict=True)
    ]
    said = f"{int(about['patient'].isna().sum())} samples name no patient and are their own group."
    steps = [*raw.steps, *filter(None, [describe_merging(merged)]), said]
    return Joined(
        samples=list(pairs),
        response=response_of_samples(merged, pairs),
        lineage=sample_series(about["lineage"].tolist(), list(pairs), "lineage"),
        split_group=sample_series(groups, list(pairs), "split_group"),
        report=report_pairing(pairing, expression, response, "sample id", steps),
    )


def without_response(samples: Sequence[str]) -> Joined:
    """Describe the samples of a study without response: every sample is its own group."""
    none = pd.DataFrame(columns=list(DROPPED_COLUMNS))
    steps = ("The series holds no response that could be read; nothing was joined.",)
    return Joined(
        samples=list(samples),
        response=None,
        lineage=sample_series([None] * len(samples), samples, "lineage"),
        split_group=sample_series(samples, samples, "split_group"),
        report=JoiningReport("none", len(samples), 0, len(samples), none, steps),
    )


def _identify_tumours(samples: Sequence[str]) -> Identified:
    patients, reasons, ranks = {}, {}, {}
    for sample in samples:
        found = _BARCODE.fullmatch(sample)
        if found is None:
            reasons[sample] = "not a TCGA sample barcode"
        elif found[2] not in _TUMOUR_TYPES:
            reasons[sample] = f"sample type {found[2]} is no tumour"
        else:
            patients[sample] = found[1]
            ranks[sample] = _TUMOUR_TYPES.index(found[2])
    # The preferred sample of a patient first; `pair` takes the first and names the others.
    return Identified(
        {sample: patients[sample] for sample in sorted(ranks, key=ranks.__getitem__)}, reasons
    )
