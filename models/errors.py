"""Errors of the models package.

::

    CupromarkError
    └── ModelsError               everything this package raises
        ├── BundleError           a bundle that cannot be written, or is not whole
        │   └── BundleDamagedError    a file is missing, changed or out of range
        ├── AttributionError      an answer that cannot be taken apart, or does not add up
        ├── PredictionError       a question that a bundle cannot answer
        ├── ReportError           a report that cannot be written or printed
        ├── SecretsError          a secret that is empty, short or a placeholder
        └── StoreError            the store of bundles cannot be reached, or holds no such bundle
            └── StoreAwayError        it does not answer now: ask again later
"""

from __future__ import annotations

from features.errors import CupromarkError


class ModelsError(CupromarkError):
    """Root of the errors of `models`."""


class BundleError(ModelsError):
    """A bundle that cannot be written or used."""


class BundleDamagedError(BundleError):
    """A file of a bundle is missing, was changed, or holds what it must not."""


class PredictionError(ModelsError):
    """A question that a bundle cannot answer."""


class StoreError(ModelsError):
    """The store of bundles cannot be reached, or holds no such bundle."""


class StoreAwayError(StoreError):
    """The store of bundles does not answer now; asking again later may help."""


class AttributionError(ModelsError):
    """An answer that cannot be taken apart, or whose parts do not add up."""


class SecretsError(ModelsError):
    """A secret that is empty, short or a placeholder."""


class ReportError(ModelsError):
    """A report that cannot be written or printed."""
