"""The report on profiles: of a file by its reader, of JSON here, without pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from features.expression import SCALES, ReadingReport
from features.readers.duplicates import GeneColumns, check_gene_names, check_sample_names
from features.readers.gene_resolution import GeneResolver
from models.bundle import Bundle
from models.compiled.values import profile_values
from models.profile_values import log2_of, refuse_flat
from models.trained_names import renamed_as_trained
from models.validation import Validation, hold_to_bundle
from serving.errors import InvalidField
from serving.predictions.fields import Fields, escaped, invalid
from serving.predictions.profiles import Profiles, read_profiles
from serving.uploads.reading import ReadFile

if TYPE_CHECKING:
    from features.expression import Scale
    from serving.settings import ServingSettings

SOURCE = "the request"
NAMES = frozenset({"scale", "profiles", "genes", "values", "ids"})


def read_profiles_to_validate(
    document: object, settings: ServingSettings
) -> tuple[Profiles, Scale]:
    """Read profiles and their scale from a parsed JSON document.

    Raises
    ------
    InvalidRequestError, RequestTooLargeError
        As `serving.predictions.question.read_question`.
    """
    if not isinstance(document, Mapping):
        raise invalid(InvalidField("", "must be an object"))
    wrong = [
        InvalidField(f"/{escaped(name)}", "is no field of this request")
        for name in document
        if name not in NAMES
    ]
    scale: Any = Fields(document, wrong).word("scale", SCALES, None)
    profiles = read_profiles(document, settings, wrong)
    if wrong or profiles is None:
        raise invalid(*wrong)
    return profiles, scale


def validate_profiles(profiles: Profiles, scale: Scale, bundle: Bundle) -> Validation:
    """Take profiles through every step of a prediction that can refuse them.

    Raises
    ------
    CupromarkError
        They cannot be read as expression at all; the error says why.
    """
    check_gene_names(profiles.genes, SOURCE)
    check_sample_names(profiles.sample_ids, SOURCE)
    values = profile_values(profiles.values, profiles.genes, source=SOURCE)
    resolver = GeneResolver(bundle.symbols, on_ambiguous="drop")
    resolved = resolver.resolve_ids(profiles.genes, SOURCE)
    in_log2, scale_steps = log2_of(values, scale, source=SOURCE)
    columns = GeneColumns.of(resolved.genes)
    refuse_flat(columns.gather(in_log2, rule="mean"), profiles.sample_ids)
    duplicated = columns.duplicated
    several = (f"{len(duplicated):,} genes had several columns: their mean.",) if duplicated else ()
    report = ReadingReport(
        format="json",
        orientation="samples_by_genes",
        delimiter=None,
        id_type=resolved.id_type,
        n_samples=len(values),
        n_ids=len(profiles.genes),
        n_genes=len(columns.genes),
        steps=(*resolved.steps, *scale_steps, *several),
        renamed=resolved.renamed,
        unknown=resolved.unknown,
        ambiguous=resolved.ambiguous,
        duplicated=duplicated,
    )
    return _held_to(columns.genes, bundle, source=SOURCE, scale=scale, report=report)


def validate_read_file(read: ReadFile, scale: Scale, bundle: Bundle) -> Validation:
    """Hold what a reader found in a file to a bundle."""
    return _held_to(read.genes, bundle, source=read.source, scale=scale, report=read.report)


def _held_to(
    genes: tuple[str, ...] | list[str],
    bundle: Bundle,
    *,
    source: str,
    scale: Scale,
    report: ReadingReport,
) -> Validation:
    renamed = renamed_as_trained(genes, bundle.features.reference_.genes, bundle.symbols)
    held = [renamed.get(gene, gene) for gene in genes]
    return hold_to_bundle(held, bundle, source=source, scale=scale, report=report)
