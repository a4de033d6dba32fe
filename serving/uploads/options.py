"""What is said beside a file: the fields of a form, or the query of the address."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from features.expression import SCALES, Scale
from serving.errors import InvalidField, MalformedJsonError, RequestTooLargeError
from serving.predictions.fields import invalid, text
from serving.predictions.question import ALIGNMENTS, DEFAULT_LEVEL, LONGEST_NAME
from serving.settings import ServingSettings
from serving.strict_json import parse_strict
from serving.strict_route import json_limits
from serving.uploads.received import Option

# As features.readers.formats has them, but for h5ad: its library runs on what was sent.
FORMATS = ("csv", "tsv", "parquet", "gct", "series_matrix", "xena", "depmap", "gdsc_rma")
ORIENTATIONS = ("genes_by_samples", "samples_by_genes")
OF_A_FILE = frozenset({"scale", "format", "orientation"})
OF_A_QUESTION = OF_A_FILE | {"drugs", "level", "align", "lineage", "covariates"}


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How a file is to be read.

    Attributes
    ----------
    scale
        What its values are.
    format, orientation
        None where they are to be detected.
    """

    scale: Scale
    format: str | None
    orientation: str | None


@dataclass(slots=True)
class Options:
    """Reads options one by one; what is wrong is added up.

    Attributes
    ----------
    given
        What was said, by name.
    wrong
        Places that are wrong.
    """

    given: Mapping[str, Sequence[Option]]
    wrong: list[InvalidField] = field(default_factory=list)

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Note names that the route does not take."""
        for name, options in self.given.items():
            if name not in known:
                self.wrong.append(InvalidField(options[0].pointer, "is no field of this request"))

    def refuse_wrong(self) -> None:
        """Raise InvalidRequestError where anything was wrong."""
        if self.wrong:
            raise invalid(*self.wrong)

    def word(self, name: str, allowed: Sequence[str], default: str | None) -> str | None:
        """Return one of the words allowed."""
        option = self.one(name)
        if option is None or option.text in allowed:
            return default if option is None else option.text
        self.wrong.append(InvalidField(option.pointer, f"must be one of {', '.join(allowed)}"))
        return default

    def number(self, name: str, default: float, *, above: float, below: float) -> float:
        """Return a number strictly between two bounds."""
        option = self.one(name)
        if option is None:
            return default
        try:
            given = float(option.text) if len(option.text) < 40 else math.nan
        except ValueError:
            given = math.nan
        if above < given < below:
            return given
        self.wrong.append(
            InvalidField(option.pointer, f"must be a number above {above:g} and below {below:g}")
        )
        return default

    def count(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        option = self.one(name)
        if option is None:
            return default
        given = option.text
        if given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= most:
            return int(given)
        self.wrong.append(
            InvalidField(option.pointer, f"must be a whole number from 1 to {most:,}")
        )
        return default

    def names(self, name: str, *, most: int) -> tuple[str, ...] | None:
        """Return names, from a field that may be there several times, parted by commas in each."""
        options = self.given.get(name)
        if options is None:
            return None
        names = [one.strip() for each in options for one in each.text.split(",") if one.strip()]
        if len(names) > most:
            raise RequestTooLargeError(
                f"{len(names):,} {name}.",
                needed=f"at most {most:,} in one request.",
                remedy=f"ask for fewer, or leave `{name}` out for all.",
            )
        if not names or not all(text(one, longest=LONGEST_NAME) for one in names):
            said = f"must hold names of 1 to {LONGEST_NAME} characters, parted by commas"
            self.wrong.append(InvalidField(options[0].pointer, said))
        return tuple(names)

    def covariates(self, settings: ServingSettings) -> Any:
        """Return what JSON has as `covariates`; `lineage` alone is short for one of them."""
        lineage, covariates = self.one("lineage"), self.one("covariates")
        if covariates is None:
            return None if lineage is None else {"lineage": lineage.text}
        if lineage is not None:
            self.wrong.append(InvalidField(lineage.pointer, "is said by `covariates` already"))
        try:
            return parse_strict(covariates.text.encode(), limits=json_limits(settings))
        except (MalformedJsonError, UnicodeEncodeError):
            self.wrong.append(InvalidField(covariates.pointer, "must be a JSON object"))
            return None

    def one(self, name: str) -> Option | None:
        """Return an option that may be there once."""
        options = self.given.get(name, ())
        if len(options) > 1:
            self.wrong.append(InvalidField(options[1].pointer, "is there more than once"))
        return options[0] if options else None


def file_options(options: Options) -> FileOptions:
    """Read how a file is to be read; a scale that is missing is noted as wrong."""
    scale = options.word("scale", SCALES, None)
    if "scale" not in options.given:
        said = f"is required, in the form or in the query: one of {', '.join(get_args(Scale))}"
        options.wrong.append(InvalidField("/scale", said))
    return FileOptions(
        scale,  # type: ignore[arg-type]
        options.word("format", FORMATS, None),
        options.word("orientation", ORIENTATIONS, None),
    )


@dataclass(frozen=True, slots=True)
class QuestionOptions:
    """What is asked about the profiles of a file.

    Attributes
    ----------
    drugs, level, align
        As in `serving.predictions.question.Question`.
    covariates
        As JSON has them.
    """

    drugs: tuple[str, ...] | None
    level: float
    align: str
    covariates: Any


def question_options(options: Options, settings: ServingSettings) -> QuestionOptions:
    """Read what is asked about the profiles of a file."""
    return QuestionOptions(
        drugs=options.names("drugs", most=settings.max_drugs),
        level=options.number("level", DEFAULT_LEVEL, above=0.0, below=1.0),
        align=options.word("align", ALIGNMENTS, "auto") or "auto",
        covariates=options.covariates(settings),
    )
