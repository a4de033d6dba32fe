"""The words of the review desk."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal[
    "contradicted_claim", "unstable_attribution", "surprising_direction", "top_gene", "top_set"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Kinds of findings, in the order in which the queue shows them."""

Judgement = Literal["plausible", "implausible", "unsure", "needs_experiment"]
Verdict = Literal["plausible", "implausible", "unsure", "needs_experiment", "withdrawn"]
"""What an entry says; `withdrawn` takes back the latest judgement that stands."""

State = Literal["open", "plausible", "implausible", "unsure", "needs_experiment"]
STATES: tuple[State, ...] = get_args(State)

Decision = Literal["approve", "approve_with_limits", "reject"]
ApprovalState = Literal[
    "none", "awaiting_second_person", "approved", "approved_with_limits", "rejected"
]
ShownApproval = Literal[
    "none", "awaiting_second_person", "approved", "approved_with_limits", "rejected", "unknown"
]
"""As answers say it: `unknown` where the decisions could not be read since the first start."""

Unapproved = Literal["answer", "withhold"]
"""What becomes of a drug that is neither approved nor rejected."""
