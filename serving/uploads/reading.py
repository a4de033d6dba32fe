"""Having a file read by a reader, for as long as its sender waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from features.expression import ReadingReport
from serving.uploads.failures import (
    ReaderFaultError,
    ReaderOverdueError,
    overdue,
    unreadable,
)
from serving.uploads.frames import Frame
from serving.uploads.job import Knowledge
from serving.uploads.options import FileOptions
from serving.uploads.orders import READ, GeneNames, ReadOrder, report_of
from serving.uploads.received import Received

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.services import Services

# Values of genes that the bundle knows: 40 MB of them, and as much again while they are aligned.
MOST_VALUES = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ReadFile:
    """A file as a reader gave it back.

    Attributes
    ----------
    source
        Name of the file.
    samples, genes
        Names of samples, and of the genes that the bundle knows.
    values
        (n_samples, n_genes) float32, log2; without columns where they were not wanted.
    report
        What was found and done.
    """

    source: str
    samples: tuple[str, ...]
    genes: list[str]
    values: NDArray[np.float32]
    report: ReadingReport


async def read_received(
    received: Received,
    how: FileOptions,
    receive: Receive,
    served: ServedBundle,
    services: Services,
    *,
    values: bool,
) -> ReadFile:
    """Have a file read.

    Parameters
    ----------
    received, how
        The file, and how it is to be read.
    receive
        Tells when the caller goes away.
    served
        Brings the names of genes, and the genes that matter.
    services
        The collaborators.
    values
        Whether the values are wanted.

    Raises
    ------
    CupromarkError
        The file cannot be used; see `features.reading.read_expression`.
    NotReadyError
        The reader was ended from outside.
    ClientDisconnect
        Nobody waits for the answer any more.
    """
    settings = services.settings
    mapped = received.platform_map
    order = ReadOrder(
        path=str(received.file),
        scale=how.scale,
        format=how.format,
        orientation=how.orientation,
        platform_map=None if mapped is None else str(mapped),
        max_bytes=settings.max_unpacked_bytes,
        max_profiles=settings.max_profiles,
        max_values=MOST_VALUES,
        values=values,
    )
    frame = Frame({"kind": READ, "order": asdict(order)})
    try:
        reply = await while_connected(
            receive, services.uploads.ask(frame, knowledge=_knowledge(served))
        )
    except ReaderOverdueError:
        raise overdue(services.uploads.seconds) from None
    except ReaderFaultError:
        raise unreadable() from None
    return _read_file(reply)


async def while_connected(receive: Receive, work: Awaitable[Frame]) -> Frame:
    """Wait for work; cancel it, and raise ClientDisconnect, where the caller goes away."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        gone.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _knowledge(served: ServedBundle) -> Knowledge:
    bundle: Any = served.bundle
    features, symbols = bundle.bundle.features, bundle.bundle.symbols

    def encode() -> bytes:
        return GeneNames(
            symbols, tuple(features.required_genes_), tuple(features.reference_.genes)
        ).to_bytes()

    return Knowledge(f"{served.sha256} {id(bundle.bundle)}", encode)


def _read_file(reply: Frame) -> ReadFile:
    header = reply.header
    shape = (len(header["samples"]), len(header["genes"]) if reply.payload else 0)
    values = np.frombuffer(reply.payload, dtype=np.float32).reshape(shape)
    return ReadFile(
        source=header["source"],
        samples=tuple(header["samples"]),
        genes=header["genes"],
        values=values,
        report=report_of(header["report"]),
    )
