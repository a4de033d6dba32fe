"""Drift as the OpenAPI file describes it, and what can be asked."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.drift.verdict import Kind

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# Without control characters: Postgres holds no NUL.
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
BEYOND = "Lower and upper end of the 95% interval."


class DriftQuery(BaseModel):
    """Which profiles."""

    model_config = ConfigDict(extra="forbid")

    since: date | None = Field(
        None, description="First day (UTC); by default as many days back as drift_days says."
    )
    until: date | None = Field(None, description="Last day (UTC); today by default.")
    caller: Words | None = Field(
        None, description="Identifier of an API key, `open`, or `others`; all by default."
    )
    bundle: Sha256 | None = Field(
        None, description="Sha256 of a bundle; by default the one that answers."
    )


class ShareAnswer(BaseModel):
    """A share, 0 to 1, with its 95% interval."""

    value: float | None
    low: float | None
    high: float | None
    expected: float | None = Field(description="Of profiles like the training lines.")
    changed: bool = Field(description="Whether what is expected lies outside the interval.")


class DriftSummary(BaseModel):
    """Drift of some profiles in a few numbers."""

    n_profiles: int
    n_genes: int = Field(description="Genes of the panel that any profile held.")
    median_index: float | None = Field(
        description="Median population stability index over genes, less what chance gives."
    )
    n_drifted: int
    share_drifted: float = Field(description="Share of the genes that have drifted.")
    kind: Kind = Field(description="What it looks like on the whole.")
    meaning: str
    has_drifted: bool
    aligned: float | None = Field(
        description="Share of profiles that came on another scale than the training cohort's."
    )
    gene_coverage: float | None
    far_out: ShareAnswer = Field(description="Profiles beyond the 90th domain percentile.")
    no_calls: ShareAnswer = Field(description="Answers without a call, at level 0.8.")


class CallerDrift(DriftSummary):
    """Drift of one caller."""

    caller: str = Field(description="Identifier of an API key, `open`, or `others`.")
    name: str | None = Field(description="Name of the key.")


class DayDrift(DriftSummary):
    """Drift of one day."""

    day: date


class GeneDriftAnswer(BaseModel):
    """Drift of one gene."""

    gene: str
    n_profiles: int
    index: float = Field(description="Population stability index, less what chance gives.")
    low: float = Field(description="95% interval of the index.")
    high: float
    raw: float = Field(description="The index with what chance gives.")
    distance: float = Field(description="Kolmogorov-Smirnov distance at the edges of the bins.")
    distance_low: float = Field(description="95% interval of the distance.")
    distance_high: float
    p: float
    q: float = Field(description="P-value adjusted after Benjamini and Hochberg.")
    drifted: bool
    shift: float = Field(description="In shares of the training lines; above 0 is upwards.")
    outer: float = Field(description="More profiles in the two outermost bins, as a share of all.")
    bins: list[float] = Field(description="Shares of the profiles, lowest values first.")
    reference_bins: list[float] = Field(description="Shares of the training lines.")


class DriftBundle(BaseModel):
    """What profiles are held against."""

    name: str
    sha256: str
    cohort: str
    n_lines: int = Field(description="Training lines.")


class DriftAnswer(BaseModel):
    """Drift of the profiles of some days."""

    bundle: DriftBundle
    since: date
    until: date
    caller: str | None
    least_profiles: int = Field(description="Fewest profiles that anything is counted of.")
    least_share: float = Field(description="Share of the genes from which on it is called drift.")
    overall: DriftSummary
    genes: list[GeneDriftAnswer] = Field(description="The most changed first.")
    domain: list[int] = Field(description="Profiles by tenth of the domain percentile.")
    callers: list[CallerDrift] = Field(description="All of them, those with most profiles first.")
    days: list[DayDrift] = Field(description="Oldest first.")
