"""Cohorts: samples of one study or release, with expression and response, joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pooch

from features.expression import Expression, Scale
from features.reading import read_expression
from features.symbols import SymbolTable
from training.catalogue import CatalogueCohort, geo_series_file, platform_file
from training.cell_line_models import CellLineModels, read_models
from training.drug_names import check_drug_names, correct_drug_names
from training.errors import CatalogueError, DownloadError
from training.files import FileSource, SourceFile
from training.geo import choose_platform
from training.joining import Joined, JoiningReport
from training.joining_cell_lines import SampleId, index_by_model, join_cell_lines
from training.joining_patients import join_table, join_tcga, read_cancer_types, without_response
from training.response import RawResponse, Response, ResponseKind
from training.responses import gdsc_fitted, sanger_auc, tcga_response, user_table

__all__ = [
    "Cohort",
    "JoiningReport",
    "Response",
    "ResponseKind",
    "SourceFile",
    "TableCohort",
    "load_cohort",
]

GEO_PREFIX = "geo:"
TABLE = "table"

_SAMPLE_IDS: dict[str, SampleId] = {
    "gdsc": "cosmic_id",
    "ccle-gdsc2": "ccle_name",
    "depmap-gdsc2": "model_id",
    "depmap-sanger-auc": "model_id",
}


@dataclass(frozen=True, slots=True)
class Cohort:
    """Samples with expression and response, one row a model or patient.

    Attributes
    ----------
    expression, response
        Of the same samples in the same order; `response` is None for a study without any.
    lineage
        Series by sample; NA where it is not known.
    split_group
        Series by sample: the patient, else the line. Never to be on both sides of a split.
    sources
        Every file that the cohort was made from, with its sha256.
    symbols
        Names of genes under which the expression was read.
    simulated
        True when nothing of it was ever measured.
    """

    name: str
    expression: Expression
    response: Response | None
    lineage: pd.Series[str]
    split_group: pd.Series[str]
    sources: tuple[SourceFile, ...]
    joining: JoiningReport
    symbols: SymbolTable
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class TableCohort:
    """A user's own files.

    Attributes
    ----------
    scale, format, platform_map
        As for `features.reading.read_expression`.
    response_kind
        What the numbers of a wide response table are; None when the table says it.
    """

    expression: Path
    response: Path
    scale: Scale
    format: str | None = None
    platform_map: Path | None = None
    response_kind: ResponseKind | None = None


def load_cohort(
    name: str,
    *,
    files: FileSource,
    table: TableCohort | None = None,
    scale: Scale | None = None,
    platform_map: Path | None = None,
    symbols: SymbolTable | None = None,
) -> Cohort:
    """Load a cohort: get its files, read them and join them.

    Parameters
    ----------
    name
        A cohort of the catalogue, `geo:<GSE accession>`, or `table`.
    files
        Where files come from.
    table
        The user's files; for `table` only.
    scale, platform_map
        For `geo:` only: what the series holds, which its file does not say, and a probe map for a
        platform that cannot be chosen from the file.
    symbols
        Names of genes; by default the whole HGNC table, which is fetched like any file.

    Raises
    ------
    CatalogueError, DownloadError, JoiningError
        No such cohort; a file cannot be had; nothing joins.
    features.errors.FeaturesError
        A file cannot be read.
    """
    loading = _Loading(files, symbols)
    if name.startswith(GEO_PREFIX):
        return _load_geo(name, loading, scale, platform_map)
    if name == TABLE:
        return _load_table(table, loading)
    entry = files.catalogue.cohort(name)
    return _load_tcga(entry, loading) if name == "tcga" else _load_cell_lines(entry, loading)


class _Loading:
    """One call of `load_cohort`: fetches files and remembers which."""

    def __init__(self, files: FileSource, symbols: SymbolTable | None) -> None:
        self.files = files
        self.sources: list[SourceFile] = []
        self.symbols = symbols or SymbolTable.from_hgnc(self.fetch("hgnc"))

    def fetch(self, key: str) -> Path:
        return self.remember(self.files.fetch(self.files.catalogue.file(key)))

    def remember(self, source: SourceFile) -> Path:
        self.sources.append(source)
        return source.path

    def fetch_models(self, entry: CatalogueCohort) -> CellLineModels | None:
        """Model.csv: fetched where the cohort needs it, else taken if it is at hand."""
        if "models" in entry.files:
            return read_models(self.fetch(entry.files["models"]))
        source = self.files.find(self.files.catalogue.file(entry.optional_files["models"]))
        return read_models(self.remember(source)) if source is not None else None

    def read(self, entry: CatalogueCohort) -> Expression:
        # Symbols of a whole array of 2012 include ambiguous ones; they are dropped and listed.
        return read_expression(
            self.fetch(entry.files["expression"]),
            scale=entry.scale,
            format=entry.format,
            symbols=self.symbols,
            on_ambiguous="drop",
        )

    def cohort(self, name: str, expression: Expression, joined: Joined) -> Cohort:
        values = expression.values.loc[joined.samples]
        return Cohort(
            name=name,
            expression=replace(expression, values=values),
            response=joined.response,
            lineage=joined.lineage,
            split_group=joined.split_group,
            sources=tuple(self.sources),
            joining=joined.report,
            symbols=self.symbols,
        )


def _load_cell_lines(entry: CatalogueCohort, loading: _Loading) -> Cohort:
    expression = loading.read(entry)
    models = loading.fetch_models(entry)
    raw = _read_response(entry, loading, models)
    joined = join_cell_lines(expression.samples, raw, models, sample_id=_SAMPLE_IDS[entry.name])
    return loading.cohort(entry.name, expression, joined)


def _read_response(
    entry: CatalogueCohort, loading: _Loading, models: CellLineModels | None
) -> RawResponse:
    path = loading.fetch(entry.files["response"])
    if entry.response_kind == "ln_ic50" or models is None:
        return gdsc_fitted.read(path)
    raw = sanger_auc.read(path)
    anchor = gdsc_fitted.read(loading.fetch(entry.files["drug_names"]), kind="dose_response_auc")
    return correct_drug_names(raw, check_drug_names(raw, index_by_model(anchor, models)))


def _load_tcga(entry: CatalogueCohort, loading: _Loading) -> Cohort:
    expression = loading.read(entry)
    raw = tcga_response.read(loading.fetch(entry.files["response"]))
    cancer_types = read_cancer_types(loading.fetch(entry.files["lineage"]))
    return loading.cohort(entry.name, expression, join_tcga(expression.samples, raw, cancer_types))


def _load_geo(
    name: str, loading: _Loading, scale: Scale | None, platform_map: Path | None
) -> Cohort:
    file = geo_series_file(name.removeprefix(GEO_PREFIX))
    if scale is None:
        raise CatalogueError(
            f"{name} was named without the scale of its values.",
            needed="the scale, which the submitters state on the page of the series.",
            remedy=f"Look at {file.page} and declare rma_log2, mas5_linear or another scale.",
        )
    path = loading.remember(loading.files.fetch(file))
    if platform_map is None:
        probes = platform_file(choose_platform(path), loading.files.catalogue)
        platform_map = loading.remember(loading.files.fetch(probes))
    else:
        loading.remember(_user_file("platform map", platform_map))
    expression = read_expression(
        path,
        scale=scale,
        format="series_matrix",
        platform_map=platform_map,
        symbols=loading.symbols,
        on_ambiguous="drop",
    )
    return loading.cohort(name, expression, without_response(expression.samples))


def _load_table(table: TableCohort | None, loading: _Loading) -> Cohort:
    if table is None:
        raise CatalogueError(
            "The cohort `table` was named without files.",
            needed="a file of expression with its scale, and a file of responses or labels.",
            remedy="Give both files and the scale of the expression.",
        )
    for name, path in (("expression", table.expression), ("response", table.response)):
        loading.remember(_user_file(name, path))
    if table.platform_map is not None:
        loading.remember(_user_file("platform map", table.platform_map))
    expression = read_expression(
        table.expression,
        scale=table.scale,
        format=table.format,
        platform_map=table.platform_map,
        symbols=loading.symbols,
        on_ambiguous="drop",
    )
    raw = user_table.read(table.response, kind=table.response_kind)
    return loading.cohort(TABLE, expression, join_table(expression.samples, raw))


def _user_file(name: str, path: Path) -> SourceFile:
    try:
        sha256, n_bytes = pooch.file_hash(str(path)), path.stat().st_size
    except OSError as error:
        raise DownloadError(
            f"{path} cannot be read: {error.strerror or error}.",
            needed=f"the file of the {name}.",
            remedy="Check the path and its permissions.",
        ) from error
    return SourceFile(name, path, sha256, n_bytes, "user", None, "the user's own", "the user's own")
