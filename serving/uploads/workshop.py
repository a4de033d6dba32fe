"""What a reader does with orders. It imports pandas and pyarrow: never import it in the service."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np

from features.errors import CupromarkError, LimitError
from features.expression import Expression
from features.readers.raw_matrix import Orientation
from features.reading import ReadLimits, read_expression
from models.profile_values import refuse_flat
from models.trained_names import renamed_as_trained
from serving.uploads.failures import to_texts
from serving.uploads.frames import Frame
from serving.uploads.orders import READ, WRITE_PARQUET, GeneNames, ReadOrder
from serving.uploads.parquet import write_parquet

Carries = Callable[[Frame], Frame]


class Workshop:
    """Carries orders out, and remembers the names of genes that it was told last."""

    def __init__(self) -> None:
        self._names: GeneNames | None = None
        self._trades: dict[str, Carries] = {READ: self._read, WRITE_PARQUET: write_parquet}

    def carry_out(self, order: Frame) -> Frame:
        """Carry an order out; what goes wrong is said in the reply, without any value."""
        try:
            return self._trades[order.header["kind"]](order)
        except CupromarkError as error:
            return Frame({"error": to_texts(error)})
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the last layer of a process that reads anything
            frames = traceback.extract_tb(error.__traceback__)
            places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
            return Frame({"fault": type(error).__name__, "frames": places})

    def _read(self, order: Frame) -> Frame:
        if order.payload:
            self._names = GeneNames.from_bytes(order.payload)
        if self._names is None:
            raise ValueError("no names of genes came with the first order")
        asked = ReadOrder(**order.header["order"])
        return read_file(asked, self._names)


def read_file(order: ReadOrder, names: GeneNames) -> Frame:
    """Read a file as `cupromark predict` does, and give the values that the bundle can use.

    Raises
    ------
    CupromarkError
        The file cannot be used, or holds more than a limit.
    """
    expression = read_expression(
        Path(order.path),
        scale=order.scale,
        format=order.format,
        platform_map=None if order.platform_map is None else Path(order.platform_map),
        symbols=names.symbols,
        wanted=names.required,
        orientation=cast("Orientation | None", order.orientation),
        limits=ReadLimits(max_bytes=order.max_bytes),
    )
    held = places_of_known_genes(expression.genes, names)
    _refuse_too_many(expression, len(held), order)
    header: dict[str, Any] = {
        "source": expression.source,
        "samples": expression.samples,
        "genes": [expression.genes[place] for place in held],
        "report": asdict(expression.report),
    }
    if not order.values:
        return Frame(header)
    values = expression.values.to_numpy()
    refuse_flat(values, expression.samples)
    wanted = np.ascontiguousarray(values[:, held], dtype=np.float32)
    return Frame(header, wanted.reshape(-1).view(np.uint8).data)


def places_of_known_genes(genes: list[str], names: GeneNames) -> list[int]:
    """Find the columns of genes of the training cohort, under the names that it used too."""
    universe = frozenset(names.universe)
    renamed = renamed_as_trained(genes, universe, names.symbols)
    return [place for place, gene in enumerate(genes) if renamed.get(gene, gene) in universe]


def _refuse_too_many(expression: Expression, n_genes: int, order: ReadOrder) -> None:
    n_samples = len(expression.samples)
    if n_samples > order.max_profiles:
        raise LimitError(
            f"{expression.source} holds {n_samples:,} samples.",
            needed=f"at most {order.max_profiles:,} samples in one request.",
            remedy="split the file, or use `cupromark predict`.",
        )
    if order.values and n_samples * n_genes > order.max_values:
        raise LimitError(
            f"{expression.source} holds {n_samples * n_genes:,} values of genes that are used.",
            needed=f"at most {order.max_values:,} in one request.",
            remedy="split the file, or use `cupromark predict`.",
        )
