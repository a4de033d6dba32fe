"""The live shadow as the OpenAPI file describes it, and what can be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ShadowQuery(BaseModel):
    """Which pair of bundles."""

    model_config = ConfigDict(extra="forbid")

    challenger: Sha256 | None = Field(
        None, description="Sha256 of a challenger; with `champion`. The latest pair by default."
    )
    champion: Sha256 | None = Field(None, description="Sha256 of the champion; with `challenger`.")


class LabelChanges(BaseModel):
    """Answers by the champion's label and the challenger's."""

    no_call_to_no_call: int
    no_call_to_sensitive: int
    no_call_to_resistant: int
    sensitive_to_no_call: int
    sensitive_to_sensitive: int
    sensitive_to_resistant: int
    resistant_to_no_call: int
    resistant_to_sensitive: int
    resistant_to_resistant: int


class ShadowDrug(BaseModel):
    """Answers of both about one drug."""

    drug: str
    n: int = Field(description="Answers of both.")
    missing: int = Field(description="Answers that the challenger did not give.")
    mean: float | None = Field(
        description="Mean difference of log-odds of being sensitive, challenger minus champion."
    )
    sd: float | None = Field(description="Its standard deviation over profiles.")
    n_changed: int = Field(description="Answers with another label.")
    share_changed: float | None
    changes: LabelChanges


class ShadowBundle(BaseModel):
    """A bundle of the pair."""

    version: str = Field(description="Version, or name where it has none.")
    sha256: str


class ShadowPairAnswer(BaseModel):
    """What was added up of a champion and a challenger."""

    challenger: ShadowBundle
    champion: ShadowBundle
    first_at: datetime
    last_at: datetime
    n_requests: int = Field(description="Requests that both answered.")
    n_refused: int = Field(description="Requests that the challenger refused.")
    n_failed: int = Field(description="Requests at which it failed as no bundle should.")
    n_profiles: int
    n_answers: int = Field(description="Answers of both, one for each different profile and drug.")
    n_missing: int
    answered_share: float | None = Field(
        description="Share of the champion's answers that the challenger gave as well."
    )
    n_changed: int
    share_changed: float | None
    latency_ratio: float | None = Field(
        description="Processor time of the challenger's answers over the champion's."
    )
    champion_ms: float | None = Field(description="Processor time of one request.")
    challenger_ms: float | None
    champion_gene_coverage: float | None = Field(
        description="Mean share of its panel that profiles held."
    )
    challenger_gene_coverage: float | None
    changes: LabelChanges
    drugs: list[ShadowDrug] = Field(description="Those whose labels changed most first.")


class ShadowPairName(BaseModel):
    """A pair that was compared."""

    challenger: ShadowBundle
    champion: ShadowBundle
    last_at: datetime


class ShadowAnswer(BaseModel):
    """Whether the challenger answers in the shadow, and what was found so far."""

    share: float = Field(description="Share of the requests that it answers too.")
    state: Literal["off", "waiting", "on", "refused"]
    reason: str = Field(description="Why it does not answer; empty where it does.")
    challenger_version: str | None = Field(description="What answers in the shadow now.")
    requests: dict[str, int] = Field(
        description="Requests of the process that answers this, by what became of them."
    )
    least_profiles: int = Field(description="Fewest different profiles that anything is shown of.")
    pairs: list[ShadowPairName] = Field(description="Pairs that were compared, the latest first.")
    pair: ShadowPairAnswer | None = Field(description="Of the pair that was asked for.")
