"""The deployable unit: everything that an answer needs, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.gene_sets import GeneSetCollection
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.domain import DomainReference
from models.drug_model import DrugModel
from models.errors import BundleError
from models.golden_answers import GoldenAnswers


@dataclass(frozen=True, slots=True)
class Bundle:
    """Gene sets, fitted features, one classifier a drug, and their provenance.

    Attributes
    ----------
    features
        Fitted transformer, with the frozen reference of the training cohort.
    gene_sets
        The gene sets that the features were built from.
    symbols
        Frozen table of the gene universe, so that names resolve as they did at training time.
    drugs
        Classifiers by name of the drug.
    provenance
        JSON: cohort, data_sha256, code_version, seed, created_at, simulated, n_samples ...
        `cohort` (str) and `simulated` (bool) are required: they stand in every answer.
    minimum_gene_coverage
        Fraction of the gene panel below which a profile is refused.
    version
        Version in the registry; None for a bundle that is not registered.
    sha256
        Hash of the content on disk; empty until it is written. `created_at` and `run_id` do not
        count, so that the same training gives the same hash.
    golden
        Profiles with their expected answers, to be reproduced after loading.
    domain
        The training lines by z of the panel genes (the first columns of the features), which tell
        how unlike the cohort a profile is. None in a bundle of format 1, in one without gene
        features, and where the cohort has too few patients.
    background
        (n_features,) float64, mean of the training features: what attributions of linear scores
        count from. None in a bundle of format 1.
    """

    features: GeneSetFeatures
    gene_sets: GeneSetCollection
    symbols: SymbolTable
    drugs: dict[str, DrugModel]
    provenance: dict[str, Any]
    minimum_gene_coverage: float
    version: str | None = None
    sha256: str = ""
    golden: GoldenAnswers | None = None
    domain: DomainReference | None = None
    background: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        _check_drugs(self)
        _check_training_lines(self)
        if not isinstance(self.provenance.get("cohort"), str) or not isinstance(
            self.provenance.get("simulated"), bool
        ):
            raise BundleError(
                "The provenance does not say which cohort, or whether it is simulated.",
                needed="`cohort` (text) and `simulated` (true or false).",
                remedy="add both to the provenance.",
            )
        if not 0 < self.minimum_gene_coverage <= 1:
            raise BundleError(
                f"A minimum gene coverage of {self.minimum_gene_coverage}.",
                needed="a fraction above 0 and at most 1.",
                remedy="pass the coverage for which the classifiers were validated.",
            )

    @property
    def cohort(self) -> str:
        """Name of the training cohort."""
        return str(self.provenance["cohort"])

    @property
    def simulated(self) -> bool:
        """Whether the training cohort was simulated."""
        return bool(self.provenance["simulated"])

    @property
    def name(self) -> str:
        """What answers call it: its version in the registry, else the start of its hash."""
        if self.version is not None:
            return self.version
        return f"sha256:{self.sha256[:12]}" if self.sha256 else "not written"


def _check_drugs(bundle: Bundle) -> None:
    if not bundle.drugs:
        raise BundleError(
            "A bundle without drugs.",
            needed="at least one classifier.",
            remedy="see in the training run why each drug was left out.",
        )
    n_features = len(bundle.features.feature_names_)
    wrong = [
        name
        for name, model in bundle.drugs.items()
        if model.drug != name or model.n_features != n_features
    ]
    if wrong:
        raise BundleError(
            f"Classifiers that do not fit the bundle: {', '.join(wrong[:5])}.",
            needed=f"the name that they are filed under, and {n_features} features.",
            remedy="train them on the features of this bundle.",
        )


def _check_training_lines(bundle: Bundle) -> None:
    features, domain, background = bundle.features, bundle.domain, bundle.background
    n_panel = len(features.gene_panel_) if "genes" in features.levels else 0
    if domain is not None and domain.features.shape[1] != n_panel:
        raise BundleError(
            f"Training lines with {domain.features.shape[1]} z values.",
            needed=f"one for each of the {n_panel} gene features.",
            remedy="fit the domain reference to the first columns of the training features.",
        )
    if background is None:
        return
    shape = (len(features.feature_names_),)
    if background.shape != shape or not np.isfinite(background).all():
        raise BundleError(
            f"A background of shape {background.shape}, or one that is not finite.",
            needed=f"{shape[0]} finite means, one a feature.",
            remedy="take the mean of the training features over the lines.",
        )
