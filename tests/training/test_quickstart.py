from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from training import quickstart
from training.drugs import match_drugs, merge_screens
from training.errors import CatalogueError, DownloadError, JoiningError
from training.files import FileSettings, FileSource
from training.quickstart import (
    EXAMPLE_GROUPS,
    REVIEW_DRUGS,
    choose_cohort,
    describe_example,
    quickstart_drugs,
)
from training.responses import gdsc_fitted
from training.simulated import SIMULATED_DRUGS, simulate_cohort

GENE_SETS = load_gene_sets()


@pytest.fixture
def files(tmp_path):
    return FileSource(FileSettings(None, tmp_path))


@pytest.fixture
def cohorts(monkeypatch):
    """Cohorts, or errors, by name: what loading them gives."""
    held = {}

    def load(name, *, files):
        assert isinstance(files, FileSource)
        if isinstance(held[name], Exception):
            raise held[name]
        return held[name]

    monkeypatch.setattr(quickstart, "load_cohort", load)
    return held


def make_cohort(name, share):
    """A cohort that holds a share of the panel, and is taken for a real one."""
    cohort = simulate_cohort(0, 40, ["Cisplatin"])
    panel = list(GENE_SETS.gene_panel)
    values = cohort.expression.values[panel[: round(share * len(panel))]]
    expression = replace(cohort.expression, values=values)
    return replace(cohort, name=name, expression=expression, simulated=False)


def not_there(error=DownloadError):
    return error("The file is not here.", needed="a network.", remedy="connect.")


def test_the_first_cohort_is_taken(cohorts, files):
    cohorts |= {"gdsc": make_cohort("gdsc", 1), "ccle-gdsc2": make_cohort("ccle-gdsc2", 1)}
    choice = choose_cohort(files, GENE_SETS)
    assert choice.cohort is cohorts["gdsc"]
    n_genes = len(GENE_SETS.gene_panel)
    assert choice.reasons == (
        f"gdsc: taken. It holds {n_genes} of {n_genes} panel genes in 40 lines with response.",
    )


@pytest.mark.parametrize("error", [DownloadError, JoiningError, CatalogueError])
def test_one_that_cannot_be_had_is_passed_over_with_the_reason(cohorts, files, error):
    cohorts |= {"gdsc": not_there(error), "ccle-gdsc2": make_cohort("ccle-gdsc2", 0.2)}
    choice = choose_cohort(files, GENE_SETS)
    assert choice.cohort.name == "ccle-gdsc2"
    assert choice.reasons[0] == "gdsc: not taken. The file is not here."
    assert choice.reasons[1].startswith("ccle-gdsc2: taken.")


@pytest.mark.parametrize(("share", "taken"), [(0.13, False), (0.15, True)])
def test_a_seventh_of_the_panel_is_needed(cohorts, files, share, taken):
    cohorts |= {"gdsc": make_cohort("gdsc", share), "ccle-gdsc2": make_cohort("ccle-gdsc2", 1)}
    choice = choose_cohort(files, GENE_SETS)
    assert (choice.cohort.name == "gdsc") is taken
    assert ("fewer than a seventh" in choice.reasons[0]) is not taken


def test_without_any_it_is_simulated_and_says_so(cohorts, files):
    cohorts |= {"gdsc": not_there(), "ccle-gdsc2": make_cohort("ccle-gdsc2", 0.1)}
    choice = choose_cohort(files, GENE_SETS)
    assert choice.cohort.simulated
    assert len(choice.reasons) == 3
    assert "SIMULATED" in choice.reasons[-1]
    assert "nothing that follows says anything about a drug" in choice.reasons[-1]
    assert quickstart_drugs(choice.cohort) == SIMULATED_DRUGS


def test_drugs_of_the_reviews_that_the_cohort_holds():
    cohort = replace(simulate_cohort(0, 40, ["Olaparib", "Cisplatin", "X"]), simulated=False)
    assert quickstart_drugs(cohort) == ["Cisplatin", "Olaparib"]
    assert quickstart_drugs(replace(cohort, response=None)) == []


def test_every_drug_of_the_reviews_is_in_gdsc2(shared_data):
    (path,) = (shared_data / "gdsc").glob("GDSC2_fitted*")
    response = merge_screens(gdsc_fitted.read(path))
    available = [str(drug) for drug in response.values.columns]
    assert match_drugs(REVIEW_DRUGS, available) == list(REVIEW_DRUGS)


def test_the_real_cohort_of_the_mirror_is_taken(shared_data, tmp_path):
    files = FileSource(FileSettings(str(shared_data), tmp_path))
    choice = choose_cohort(files, GENE_SETS)
    assert not choice.cohort.simulated
    assert "taken. It holds" in choice.reasons[-1]
    assert list(quickstart_drugs(choice.cohort)) == list(REVIEW_DRUGS)


def test_the_example_is_told_group_by_group():
    rows = [
        {"sample_id": sample, "drug": drug, "probability_sensitive": p, "label": "no call"}
        for (_, samples), p in zip(EXAMPLE_GROUPS.items(), (0.75, 0.25), strict=True)
        for sample in samples
        for drug in ("Cisplatin", "Olaparib")
    ]
    sentences = describe_example(pd.DataFrame(rows))
    assert (
        "parental, cisplatin-sensitive: mean probability_sensitive 0.75 (5 no call)"
        in (sentences[1])
    )
    assert "Round5, cisplatin-resistant: mean probability_sensitive 0.25" in sentences[2]
    assert "not a test" in sentences[-1]
