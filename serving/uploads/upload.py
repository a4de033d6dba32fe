"""From a request with a file to the question that it asks, or to what its file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.types import Receive, Scope

from serving.errors import InvalidField
from serving.predictions.fields import invalid
from serving.predictions.profiles import Profiles
from serving.predictions.question import Question, read_lineage
from serving.uploads.options import (
    OF_A_FILE,
    OF_A_QUESTION,
    FileOptions,
    Options,
    file_options,
    question_options,
)
from serving.uploads.reading import ReadFile, read_received
from serving.uploads.received import receive_upload
from serving.uploads.temporary import temporary_folder

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.services import Services


async def read_question_with_file(
    scope: Scope, receive: Receive, served: ServedBundle, services: Services
) -> Question:
    """Read a question from a file and what is said beside it.

    Raises
    ------
    InvalidRequestError, MalformedBodyError, UnsupportedMediaError, RequestTooLargeError
        The request is not what the route takes.
    CupromarkError
        The file cannot be used; see `features.reading.read_expression`.
    NotReadyError
        Too many files are being read, or a reader was ended from outside.
    ClientDisconnect
        Nobody waits for the answer any more.
    """
    question, _ = await _ask(scope, receive, served, services, most_top=None)
    return question


async def read_explanation_with_file(
    scope: Scope,
    receive: Receive,
    served: ServedBundle,
    services: Services,
    *,
    top: int,
    most_top: int,
) -> tuple[Question, int]:
    """Read the same, and how many genes to name of each answer; `top` where it is not said."""
    question, given = await _ask(scope, receive, served, services, most_top=most_top)
    return question, top if given is None else given


async def read_file_to_validate(
    scope: Scope, receive: Receive, served: ServedBundle, services: Services
) -> tuple[ReadFile, FileOptions]:
    """Read a file for what there is to say about it; the same errors."""
    with services.uploads.place(), temporary_folder() as folder:
        received = await receive_upload(scope, receive, folder)
        options = Options(received.options)
        options.refuse_unknown(OF_A_FILE)
        how = file_options(options)
        options.refuse_wrong()
        return await read_received(received, how, receive, served, services, values=False), how


async def _ask(
    scope: Scope,
    receive: Receive,
    served: ServedBundle,
    services: Services,
    *,
    most_top: int | None,
) -> tuple[Question, int | None]:
    with services.uploads.place(), temporary_folder() as folder:
        received = await receive_upload(scope, receive, folder)
        options = Options(received.options)
        options.refuse_unknown(OF_A_QUESTION | ({"top"} if most_top else frozenset()))
        how = file_options(options)
        asked = question_options(options, services.settings)
        top = None
        if most_top is not None and "top" in received.options:
            top = options.count("top", most_top, most=most_top)
        options.refuse_wrong()
        read = await read_received(received, how, receive, served, services, values=True)
    profiles = Profiles(read.genes, read.values, read.samples)
    wrong: list[InvalidField] = []
    lineage = read_lineage(asked.covariates, profiles, wrong)
    if wrong:
        raise invalid(*wrong)
    question = Question(
        profiles=profiles,
        scale=how.scale,
        drugs=asked.drugs,
        level=asked.level,
        align=asked.align,
        lineage=lineage,
        reading=read.report,
        source=read.source,
    )
    return question, top
