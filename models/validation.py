"""Would this file be accepted? What `cupromark validate` and the service answer alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from features.coverage import coverage_of
from features.expression import Expression, ReadingReport, Scale
from features.symbols import SymbolTable
from models.bundle import Bundle

if TYPE_CHECKING:
    from features.readers.raw_matrix import Orientation
    from features.reading import ReadLimits


class _Said(TypedDict):
    source: str
    scale: Scale
    report: ReadingReport


@dataclass(frozen=True, slots=True)
class Validation:
    """What is in a file, and whether a bundle would answer for it.

    Attributes
    ----------
    accepted
        Whether enough of the gene panel is there.
    reason
        Why, or why not.
    gene_coverage, minimum_gene_coverage
        Share of the gene panel that the file holds, and the share that is needed.
    missing_genes
        Panel genes that the file does not hold.
    bundle
        Bundle whose panel was asked for; None for the shipped gene panel.
    """

    source: str
    scale: Scale
    report: ReadingReport
    accepted: bool
    reason: str
    gene_coverage: float
    minimum_gene_coverage: float
    n_panel_genes: int
    missing_genes: tuple[str, ...]
    bundle: str | None

    def to_json(self) -> dict[str, Any]:
        """Every field by name."""
        return asdict(self)


def validate_file(
    path: Path,
    *,
    scale: Scale,
    panel: Bundle | tuple[str, ...],
    symbols: SymbolTable | None = None,
    minimum_gene_coverage: float = 0.8,
    format: str | None = None,
    platform_map: Path | None = None,
    orientation: Orientation | None = None,
    limits: ReadLimits | None = None,
) -> Validation:
    """Read a file and hold it to a bundle, or to a list of genes.

    Parameters
    ----------
    panel
        A bundle, which brings its own names of genes and its own minimum, or panel genes.
    symbols, minimum_gene_coverage
        For panel genes without a bundle.
    format, platform_map, orientation, limits
        As `features.reading.read_expression`.

    Raises
    ------
    FeaturesError
        The file cannot be read as expression at all; the error says why.
    """
    # Imported here: the service holds profiles to a bundle without pandas.
    from features.reading import read_expression
    from models.profile_files import read_profiles

    if isinstance(panel, Bundle):
        expression = read_profiles(
            path,
            panel,
            scale=scale,
            format=format,
            platform_map=platform_map,
            orientation=orientation,
            limits=limits,
        )
        return hold_to_bundle(expression.genes, panel, **_said_of(expression))
    expression = read_expression(
        path,
        scale=scale,
        format=format,
        platform_map=platform_map,
        orientation=orientation,
        limits=limits,
        symbols=symbols,
        wanted=panel,
        allow_h5ad=True,
    )
    held = expression.genes
    return _hold_to(held, panel, minimum_gene_coverage, None, **_said_of(expression))


def hold_to_bundle(
    held: Collection[str], bundle: Bundle, *, source: str, scale: Scale, report: ReadingReport
) -> Validation:
    """Hold the genes of profiles to a bundle.

    Parameters
    ----------
    held
        Names of genes as the bundle has them.
    source, scale, report
        What was read, what it was declared to be, and what was found.
    """
    panel, minimum = bundle.features.gene_panel_, bundle.minimum_gene_coverage
    name = f"version {bundle.name}"
    return _hold_to(held, panel, minimum, name, source=source, scale=scale, report=report)


def _said_of(expression: Expression) -> _Said:
    return {
        "source": expression.source,
        "scale": expression.scale,
        "report": expression.report,
    }


def _hold_to(
    held: Collection[str],
    genes: tuple[str, ...],
    minimum: float,
    bundle: str | None,
    *,
    source: str,
    scale: Scale,
    report: ReadingReport,
) -> Validation:
    coverage = coverage_of(held, genes)
    accepted = coverage.fraction >= minimum and bool(coverage.matched)
    return Validation(
        source=source,
        scale=scale,
        report=report,
        accepted=accepted,
        reason=(
            f"{len(coverage.matched)} of {len(genes)} panel genes are there "
            f"({coverage.fraction:.0%}); at least {minimum:.0%} are needed."
        ),
        gene_coverage=coverage.fraction,
        minimum_gene_coverage=minimum,
        n_panel_genes=len(genes),
        missing_genes=coverage.missing,
        bundle=bundle,
    )
