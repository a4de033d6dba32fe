"""The steps of a job, in order."""

from __future__ import annotations

STEPS = (
    "fetch",
    "verify",
    "join",
    "train",
    "evidence",
    "report",
    "register",
    "shadow",
    "gate",
    "promote",
)
