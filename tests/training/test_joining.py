from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.errors import FormatError
from training.cell_line_models import CellLineModels, read_models
from training.errors import JoiningError
from training.joining import Identified, pair
from training.joining_cell_lines import identify_lines, join_cell_lines
from training.joining_patients import join_table, join_tcga
from training.response import RawResponse, lines_frame, screens_frame

MODELS = """\
ModelID,PatientID,StrippedCellLineName,OncotreeLineage,CCLEName,SangerModelID,COSMICID
ACH-1,PT-1,NIHOVCAR3,Ovary,NIHOVCAR3_OVARY,SIDM1,905933.0
ACH-2,PT-2,NCIH3255,Lung,NCIH3255_LUNG,SIDM2,
ACH-3,PT-3,NCIH322,Lung,NCIH322_LUNG,SIDM3,
ACH-4,PT-3,NCIH322M,Lung,NCIH322M_LUNG,SIDM3,905967.0
ACH-5,PT-5,T173,Fibroblast,T173_FIBROBLAST,,
ACH-6,,NCIH748,Lung,,,
"""


@pytest.fixture
def models(tmp_path: Path) -> CellLineModels:
    path = tmp_path / "Model.csv"
    path.write_text(MODELS)
    return read_models(path)


def a_response(**lines: dict[str, str]) -> RawResponse:
    about = pd.DataFrame.from_dict(lines, orient="index", dtype=object).reindex(list(lines))
    values = pd.DataFrame({"X": range(len(lines))}, index=about.index, dtype=float)
    frame = lines_frame(about.index, **{name: about[name] for name in about})
    return RawResponse(values, frame, screens_frame(["X"]), "ln_ic50")


def lines_of_gdsc() -> RawResponse:
    return a_response(
        c1={"cosmic_id": "905933", "sanger_model_id": "SIDM1", "line_name": "OVCAR-3"},
        c2={"cosmic_id": "1247873", "sanger_model_id": "SIDM2", "line_name": "H3255"},
        c4={"cosmic_id": "905967", "sanger_model_id": "SIDM3", "line_name": "NCI-H322M"},
        c6={"cosmic_id": "909194", "sanger_model_id": "SIDM9", "line_name": "NCI-H748"},
        c7={"cosmic_id": "1", "sanger_model_id": "SIDM8", "line_name": "nowhere"},
    )


def test_lines_are_recognised_by_cosmic_then_sanger_id_then_name(models: CellLineModels) -> None:
    found = identify_lines(lines_of_gdsc().lines, models)
    # SIDM3 belongs to two models; the COSMIC id settles which.
    assert found.keys == {"c1": "ACH-1", "c2": "ACH-2", "c4": "ACH-4", "c6": "ACH-6"}
    assert list(found.reasons) == ["c7"]
    assert "1 by normalised line name (c6)" in found.steps[0]


def test_a_shared_sanger_id_alone_recognises_nothing(models: CellLineModels) -> None:
    raw = a_response(a={"cosmic_id": "7", "sanger_model_id": "SIDM3", "line_name": "x"})
    assert identify_lines(raw.lines, models).keys == {}


def test_ccle_names_join_through_model_csv_and_every_lost_row_is_listed(
    models: CellLineModels,
) -> None:
    samples = ["NCIH3255_LUNG", "T173_BONE", "GONE_SKIN", "NIHOVCAR3_OVARY"]
    joined = join_cell_lines(samples, lines_of_gdsc(), models, sample_id="ccle_name")
    assert joined.samples == ["NCIH3255_LUNG", "NIHOVCAR3_OVARY"]
    assert joined.response is not None
    assert joined.response.values["X"].tolist() == [1.0, 0.0]
    assert joined.lineage.tolist() == ["Lung", "Ovary"]
    assert joined.split_group.tolist() == ["PT-2", "PT-1"]
    report = joined.report
    assert (report.n_expression, report.n_response, report.n_joined) == (4, 5, 2)
    assert len(report.dropped) == report.n_expression + report.n_response - 2 * report.n_joined
    reasons = report.dropped.set_index("id")["reason"]
    assert reasons["T173_BONE"] == "no response"
    assert reasons["GONE_SKIN"].startswith("not in Model.csv")
    assert reasons["c7"].startswith("not in Model.csv")
    assert reasons["c4"] == "no expression"
    assert any("T173_BONE" in step for step in report.steps)


def test_a_model_that_is_there_twice_is_named_and_taken_once(models: CellLineModels) -> None:
    samples = ["NIHOVCAR3_OTHER", "NIHOVCAR3_OVARY", "NCIH3255_LUNG"]
    joined = join_cell_lines(samples, lines_of_gdsc(), models, sample_id="ccle_name")
    assert joined.samples == ["NIHOVCAR3_OVARY", "NCIH3255_LUNG"]
    reason = joined.report.dropped.set_index("id")["reason"]["NIHOVCAR3_OTHER"]
    assert reason == "the same model or patient as another row: NIHOVCAR3_OVARY"


def test_cosmic_ids_need_no_third_file() -> None:
    raw = a_response(**{"905933": {"cosmic_id": "905933", "line_name": "OVCAR-3", "lineage": "OV"}})
    joined = join_cell_lines(["DATA.905933", "7"], raw, None, sample_id="cosmic_id")
    assert joined.samples == ["DATA.905933"]
    assert joined.lineage.tolist() == ["OV"]
    assert joined.split_group.tolist() == ["DATA.905933"]
    assert "Without Model.csv" in " ".join(joined.report.steps)


def test_with_model_csv_cosmic_ids_get_patients(models: CellLineModels) -> None:
    joined = join_cell_lines(["905967", "909194"], lines_of_gdsc(), models, sample_id="cosmic_id")
    assert joined.split_group.tolist() == ["PT-3", "909194"]
    assert joined.lineage.tolist() == ["Lung", "Lung"]


def test_nothing_in_common_is_an_error(models: CellLineModels) -> None:
    with pytest.raises(JoiningError, match="GONE_SKIN"):
        join_cell_lines(["GONE_SKIN"], lines_of_gdsc(), models, sample_id="ccle_name")


def test_pairs_and_dropped_rows_add_up() -> None:
    pairing = pair(Identified({"a": "1", "b": "1", "c": "2"}), Identified({"x": "1", "y": "3"}))
    assert pairing.pairs == {"a": "x"}
    assert sorted(pairing.dropped["id"]) == ["b", "c", "y"]


def test_a_patient_of_tcga_has_one_sample_and_the_primary_tumour_first() -> None:
    patients = [f"TCGA-AA-000{number}" for number in range(1, 5)]
    raw = a_response(**{patient: {"patient": patient} for patient in patients})
    samples = [
        "TCGA-AA-0001-06",
        "TCGA-AA-0001-01",
        "TCGA-AA-0002-06",
        "TCGA-AA-0003-11",
        "TCGA-AA-0004-01.1",
        "TCGA-AA-0009-01",
    ]
    joined = join_tcga(samples, raw, {"TCGA-AA-0001": "LUAD"})
    assert joined.samples == ["TCGA-AA-0001-01", "TCGA-AA-0002-06"]
    assert joined.split_group.tolist() == ["TCGA-AA-0001", "TCGA-AA-0002"]
    assert joined.lineage["TCGA-AA-0001-01"] == "LUAD"
    assert pd.isna(joined.lineage["TCGA-AA-0002-06"])
    reasons = joined.report.dropped.set_index("id")["reason"]
    assert reasons["TCGA-AA-0003-11"] == "sample type 11 is no tumour"
    assert reasons["TCGA-AA-0004-01.1"] == "not a TCGA sample barcode"
    assert reasons["TCGA-AA-0003"] == "no expression"


def test_a_users_table_joins_by_sample_id() -> None:
    raw = a_response(S1={"patient": "P1", "lineage": "Lung"}, S2={}, S3={"patient": "P3"})
    joined = join_table(["S2", "S1", "S9"], raw)
    assert joined.samples == ["S2", "S1"]
    assert joined.split_group.tolist() == ["S2", "P1"]
    assert pd.isna(joined.lineage["S2"])


@pytest.mark.parametrize("content", ["", "ModelID\nACH-1\n", MODELS + MODELS.splitlines()[1]])
def test_what_is_no_model_csv_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "Model.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match=r"Model\.csv"):
        read_models(path)


def test_lines_without_expression_are_kept_apart_if_their_patient_has_no_sample(
    models: CellLineModels,
) -> None:
    # NCIH322 is of the patient of c4, c6 has no patient, and nobody knows c7.
    samples = ["NCIH322_LUNG"]
    raw = lines_of_gdsc()
    with_pair = a_response(
        **{line: dict(raw.lines.loc[line].dropna()) for line in raw.lines.index},
        c3={"line_name": "NCI-H322"},
    )
    joined = join_cell_lines(samples, with_pair, models, sample_id="ccle_name")
    assert joined.response is not None
    elsewhere = joined.response.elsewhere
    assert elsewhere is not None
    assert elsewhere.values["X"].to_dict() == {"c1": 0.0, "c2": 1.0}
    assert elsewhere.lineage.to_dict() == {"c1": "Ovary", "c2": "Lung"}


def test_without_models_nothing_is_known_of_lines_elsewhere() -> None:
    joined = join_cell_lines(["DATA.905933"], lines_of_gdsc(), None, sample_id="cosmic_id")
    assert joined.response is not None
    assert joined.response.elsewhere is None
