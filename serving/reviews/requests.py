"""What reviewers send."""

from __future__ import annotations

import re
from typing import Annotated, Self

from fastapi import Body
from pydantic import AfterValidator, Field, model_validator

from serving.predictions.schemas import Strict
from serving.reviews.queries import Sha256, Words
from serving.reviews.references import LONGEST, parse_reference
from serving.reviews.words import Decision, Verdict

# Control characters but tabs and ends of lines, and those that turn the direction of writing.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
LONGEST_TEXT = 4_000
LONGEST_LIMITS = 500  # they stand in every row of a table of answers


def clean_text(text: str) -> str:
    """Take blanks at the ends away; ValueError where something in it cannot be seen."""
    unified = text.replace("\r\n", "\n").strip()
    if UNSEEN.search(unified):
        raise ValueError("holds control characters")
    return unified


Comment = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(clean_text)]
Reference = Annotated[str, Field(max_length=LONGEST), AfterValidator(parse_reference)]


class EntryRequest(Strict):
    """A judgement of a finding."""

    verdict: Verdict = Field(
        description="`withdrawn` takes back the latest judgement that stands: your own, or as a "
        "lead anyone's."
    )
    comment: Comment = Field("", description="Plain text.")
    reference: Reference | None = Field(
        None, description="DOI, PubMed id (pmid:123) or address; checked in form alone."
    )


class AssignmentRequest(Strict):
    """Who looks at a finding."""

    assignee: Words | None = Field(description="Name of a reviewer; null for nobody.")


class SignOffRequest(Strict):
    """A decision about a drug of a bundle."""

    bundle_sha256: Sha256
    drug: Words
    decision: Decision
    limits: Comment = Field(
        "",
        max_length=LONGEST_LIMITS,
        description="Shown with every prediction of the drug: with approve_with_limits, and with "
        "nothing else.",
    )
    comment: Comment = Field("", description="Plain text, for the desk alone.")
    figures_sha256: Sha256 = Field(
        description="Of the figures that were decided on, as /v1/reviews/sign-offs gives it."
    )

    @model_validator(mode="after")
    def _limits_where_they_belong(self) -> Self:
        if (self.decision == "approve_with_limits") != bool(self.limits):
            raise ValueError("limits belong to approve_with_limits, which needs some")
        return self


EntryBody = Annotated[
    EntryRequest,
    Body(
        openapi_examples={
            "a judgement": {
                "value": {
                    "verdict": "plausible",
                    "comment": "Seen in two cohorts of ovarian cancer.",
                    "reference": "10.1126/science.abf0529",
                }
            },
            "taken back": {"value": {"verdict": "withdrawn", "comment": "Wrong gene."}},
        }
    ),
]
AssignmentBody = Annotated[
    AssignmentRequest,
    Body(openapi_examples={"to a reviewer": {"value": {"assignee": "A. Reviewer"}}}),
]
SignOffBody = Annotated[
    SignOffRequest,
    Body(
        openapi_examples={
            "with limits": {
                "value": {
                    "bundle_sha256": "0" * 64,
                    "drug": "Cisplatin",
                    "decision": "approve_with_limits",
                    "limits": "Not for haematological lineages.",
                    "comment": "See the findings on copper import.",
                    "figures_sha256": "0" * 64,
                }
            }
        }
    ),
]
