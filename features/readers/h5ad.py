"""h5ad (AnnData): `X` with samples as `obs` and genes as `var`; needs the extra `h5ad`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import FormatError, LimitError, ReadError
from features.readers.cells import refuse_non_finite
from features.readers.diagnosis import header_only
from features.readers.peek import BINARY_FORMATS, Peek
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.text_files import ReadLimits, first_bytes

_VALUE_BYTES = 8


def recognises(peek: Peek) -> bool:
    """Tell HDF5 by its magic bytes."""
    return peek.magic == BINARY_FORMATS["h5ad"]


def read(path: Path, options: ReadOptions) -> RawMatrix:
    """Read the matrix `X` of an h5ad file, dense or sparse.

    Raises
    ------
    FormatError
        h5ad files are not taken here (they run code of a large library on what was sent).
    ReadError
        anndata is not installed, or the file is damaged.
    LimitError
        `X` is larger than the limit.
    """
    if not options.allow_h5ad:
        raise FormatError(
            f"{path.name} is an h5ad file, which is taken on the command line only.",
            needed="CSV, TSV, Parquet or GCT.",
            remedy="export it: pandas.DataFrame(adata.X, adata.obs_names, adata.var_names)"
            ".to_parquet(...), or use the command line.",
        )
    magic = first_bytes(path, 8)
    if magic != BINARY_FORMATS["h5ad"]:
        raise FormatError(
            f"{path.name} is not an HDF5 file.",
            needed="an h5ad file.",
            remedy="leave the format out to have it detected, or name the right one.",
        )
    values, samples, genes = _load(_anndata(), path, options.limits)
    if not values.size:
        raise header_only(path.name)
    refuse_non_finite(
        values, samples, genes, file_name=path.name, row_kind="sample", column_kind="gene"
    )
    return RawMatrix(
        values=values,
        sample_ids=samples,
        gene_ids=genes,
        orientation="samples_by_genes",
        delimiter=None,
        steps=(f"h5ad: X of {len(samples):,} obs x {len(genes):,} var.",),
    )


def _anndata() -> ModuleType:
    try:
        import anndata
    except ImportError as error:
        raise ReadError(
            "h5ad files need the package anndata, which is not installed.",
            needed="the extra h5ad.",
            remedy='install it with pip install "cupromark[h5ad]".',
        ) from error
    return anndata  # type: ignore[no-any-return]


def _load(
    anndata: ModuleType, path: Path, limits: ReadLimits
) -> tuple[NDArray[np.float32], tuple[str, ...], tuple[str, ...]]:
    try:
        annotated = anndata.read_h5ad(path, backed="r")
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ReadError(
            f"{path.name} is damaged or no h5ad file: {str(error)[:200]}.",
            needed="a whole h5ad file.",
            remedy="write or download it again.",
        ) from error
    try:
        n_bytes = annotated.n_obs * annotated.n_vars * _VALUE_BYTES
        if n_bytes > limits.max_bytes:
            raise LimitError(
                f"X of {path.name}, {annotated.n_obs:,} x {annotated.n_vars:,}, comes to "
                f"{n_bytes:,} bytes.",
                needed=f"at most {limits.max_bytes:,} bytes.",
                remedy="keep only the genes and samples that are needed, or raise the limit.",
            )
        return (
            _dense(annotated.X[:]),
            tuple(map(str, annotated.obs_names)),
            tuple(map(str, annotated.var_names)),
        )
    finally:
        annotated.file.close()


def _dense(matrix: Any) -> NDArray[np.float32]:
    dense = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    return np.array(dense, dtype=np.float32)
