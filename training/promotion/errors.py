"""Errors of promotion and retention.

::

    TrainingError
    └── PromotionError            everything that promotion and retention raise
        ├── PolicyError           a policy that cannot be used
        └── RefusedError          a version that the gate does not let through, whoever asks
"""

from __future__ import annotations

from training.errors import TrainingError


class PromotionError(TrainingError):
    """Root of the errors of promotion and retention."""


class PolicyError(PromotionError):
    """A policy that cannot be read, or asks for what makes no sense."""


class RefusedError(PromotionError):
    """A version that must not become the champion, whatever the reason given."""
