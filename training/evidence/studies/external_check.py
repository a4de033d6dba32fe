"""Study `external`: a bundle asked about the cisplatin-resistant A2780 cells of GSE15709."""

from __future__ import annotations

from collections.abc import Sequence

from features.expression import Expression
from models.bundle import Bundle
from training.evidence.external import check_cisplatin
from training.evidence.studies.study import Study, about_code
from training.evidence.studies.tables import StudyTable, figure_text

NAMES_NOT_KNOWN = "The lines of the training cohort are not at hand; A2780 may be among them."


def study_external(
    bundle: Bundle, expression: Expression, training_lines: Sequence[str] | None
) -> Study:
    """Ask a bundle about the series.

    Parameters
    ----------
    training_lines
        Names of the lines that the bundle was trained on; None where they are not known.

    Raises
    ------
    TrainingError, PredictionError, CoverageError
        As `training.evidence.external.check_cisplatin`.
    """
    found = check_cisplatin(bundle, expression, training_lines or ())
    rows = tuple(
        (group, str(found.n_profiles[group]), f"{found.mean_probability[group]:.3f}")
        for group in found.n_profiles
    )
    columns = ("group", "profiles", "mean probability_sensitive")
    title = (
        f"{found.drug}, bundle {bundle.name}: roc_auc {figure_text(found.roc_auc)} "
        f"(interval {found.interval}); gene coverage {found.gene_coverage:.2f}, "
        f"alignment {found.alignment}."
    )
    figures = found.to_json()
    notes = list(found.notes)
    if training_lines is None:
        figures |= dict.fromkeys(("n_shared_lines", "n_unseen_lines"), "not known")
        notes.append(NAMES_NOT_KNOWN)
    else:
        seen = "is" if found.shared_lines else "is not"
        notes.append(f"The line A2780 {seen} in the training cohort {found.cohort}.")
    return Study(
        name="external",
        title=f"{found.series}: sensitive and resistant sublines of A2780",
        about={"cohort": bundle.cohort, "simulated": bundle.simulated, "bundle": bundle.name}
        | {"bundle_sha256": bundle.sha256, **about_code()},
        figures=figures,
        tables=(StudyTable(title, columns, rows),),
        notes=tuple(notes),
    )
