"""`GeneSetFeatures`: from expression to the features that classifiers learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np
import numpy.typing as npt

from features.errors import FormatError, GeneIdError, GeneSetError
from features.expression import Scale
from features.feature_arrays import FeatureArrays
from features.feature_plan import Covariate, FeaturePlan, Level, plan_features
from features.gene_sets import GeneSetCollection
from features.gene_values import FloatArray, gene_values, named
from features.lineage import LineageCoding, fit_lineage_coding, lineage_column
from features.reference import ARRAYS, Reference, fit_reference
from features.scores import SCORES, ScoreName

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.utils import Tags

COVARIATE_PREFIX = "covariate:"
PARAMETERS = (
    "gene_sets",
    "levels",
    "score",
    "covariates",
    "expression_scale",
    "lineage_minimum",
    "lineage_weight",
    "with_quantiles",
)


class GeneSetFeatures:
    """Gene-level, set-level and balance features, with covariates, as a scikit-learn transformer.

    It keeps scikit-learn's protocol without importing scikit-learn, so that answering requests
    does not need it.

    Parameters
    ----------
    gene_sets
        The sets whose genes and scores may become features.
    levels
        Any of "genes" (z of every panel gene), "sets" (score of every set), "balances"
        (differences of two set scores). Empty for covariates alone.
    score
        How a set is scored; "rank" and "enrichment" need every gene of the training cohort.
    covariates
        Any of "lineage" (from the column "covariate:lineage") and "proliferation".
    expression_scale
        The scale of the training cohort, kept in the reference.
    lineage_minimum
        Training samples that a lineage needs for a column of its own.
    lineage_weight
        How far a lineage's column reaches beside z values of spread 1: a penalised classifier
        shrinks a column of greater weight less.
    with_quantiles
        Let the reference span every gene of the cohort, with what aligning profiles of another
        platform needs. Features are the same without, and fitting is faster: turn it off in folds.

    Attributes
    ----------
    reference_
        Frozen reference of the training cohort.
    plan_
        The genes behind every feature; its parts are below.
    gene_panel_
        Panel genes that the training cohort holds, sorted; empty without levels.
    required_genes_
        Genes that `transform` needs, sorted: what to ask `features.coverage.cover` for.
    empty_sets_
        Sets without a gene in the cohort; they have no feature.
    proliferation_genes_
        Markers behind "covariate:proliferation".
    left_out_
        Feature -> why it was left out.
    lineages_
        Lineages with a column.
    arrays_
        The same features, computed from arrays of the required genes.
    feature_names_
        (n_features,) names, such as "gene:FDX1", "set:mitochondrial_fission",
        "balance:fission_against_fusion", "lineage:Lung", "covariate:proliferation".
    """

    def __init__(
        self,
        gene_sets: GeneSetCollection,
        *,
        levels: Sequence[Level] = ("genes", "sets", "balances"),
        score: ScoreName = "mean_z",
        covariates: Sequence[Covariate] = ("lineage",),
        expression_scale: Scale = "rma_log2",
        lineage_minimum: int = 5,
        lineage_weight: float = 1.0,
        with_quantiles: bool = True,
    ) -> None:
        self.gene_sets = gene_sets
        self.levels = levels
        self.score = score
        self.covariates = covariates
        self.expression_scale = expression_scale
        self.lineage_minimum = lineage_minimum
        self.lineage_weight = lineage_weight
        self.with_quantiles = with_quantiles

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: N803
        """Learn the reference and the features that this cohort allows.

        Parameters
        ----------
        X
            Samples x genes, log2, and the column "covariate:lineage" when lineage is a covariate.
        y
            Not used.

        Raises
        ------
        CoverageError
            The cohort holds no gene of any set.
        GeneSetError
            No feature at all is asked for, or an unknown level, score or covariate.
        SampleError, GeneIdError, CellError
            The expression cannot be used.
        """
        self._refuse_unknown_parameters()
        genes = _genes_of(X)
        plan = plan_features(self.gene_sets, genes, levels=self.levels, covariates=self.covariates)
        self._keep(plan, self._fit_reference(X, genes, plan), self._fit_lineage_coding(X))
        return self

    def transform(self, X: pd.DataFrame) -> FloatArray:  # noqa: N803
        """Compute the features of every sample; none depends on another sample.

        Parameters
        ----------
        X
            Samples x genes, with every one of `required_genes_`; other columns are ignored.
            Without a column "covariate:lineage" every lineage counts as unknown.

        Returns
        -------
        ndarray
            Samples x features, float64, in the order of `feature_names_`.

        Raises
        ------
        CoverageError
            A required gene is missing; it is named.
        CellError
            A value is not a finite number.
        """
        self._refuse_unfitted()
        _refuse_other_than_table(X)
        values = gene_values(X, self.required_genes_)
        lineage = self.lineage_coding_.places(lineage_column(X, required=False))
        return self.arrays_.features(values, lineage)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Names of the columns that `transform` returns."""
        self._refuse_unfitted()
        return self.feature_names_.astype(object)

    def unknown_lineages(self, X: pd.DataFrame) -> tuple[str, ...]:  # noqa: N803
        """List the samples whose lineage is missing or has no column.

        They stand at the training mean of every lineage column. None are listed when lineage is
        not a covariate.
        """
        self._refuse_unfitted()
        if "lineage" not in self.covariates:
            return ()
        unknown = self.lineage_coding_.is_unknown(lineage_column(X, required=False))
        return tuple(str(sample) for sample in X.index[unknown])

    def state(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """Give numeric arrays for an npz file and the rest for a JSON file."""
        self._refuse_unfitted()
        parameters = {name: getattr(self, name) for name in PARAMETERS if name != "gene_sets"}
        parameters |= {"levels": list(self.levels), "covariates": list(self.covariates)}
        arrays = {f"reference_{n}": array for n, array in self.reference_.to_arrays().items()}
        arrays["lineage_means"] = self.lineage_coding_.means
        meta = {
            "parameters": parameters,
            "gene_sets": self.gene_sets.to_json(),
            "plan": self.plan_.to_meta(),
            "reference": self.reference_.to_meta(),
            "lineages": list(self.lineages_),
            "feature_names": self.feature_names_.tolist(),
        }
        return arrays, meta

    @classmethod
    def from_state(
        cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]
    ) -> GeneSetFeatures:
        """Restore what `state` gave; FormatError when its parts do not fit together."""
        try:
            features = cls._restored(arrays, meta)
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(f"lacks a part or holds an unknown one ({error!r})") from error
        if features.feature_names_.tolist() != list(meta["feature_names"]):
            raise _damaged("names other features than its gene sets give")
        if features.lineage_coding_.means.shape != (len(features.lineages_),):
            raise _damaged("holds lineages and lineage means of different number")
        return features

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Arguments of the constructor, as scikit-learn asks for them."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; ValueError for an unknown one, as scikit-learn."""
        for name, value in params.items():
            if name not in PARAMETERS:
                raise ValueError(f"Unknown parameter {name!r}; known are {', '.join(PARAMETERS)}.")
            setattr(self, name, value)
        return self

    def __sklearn_clone__(self) -> GeneSetFeatures:
        # Gene sets cannot change, so clones share them: copying them costs more than a fold's fit.
        return type(self)(**self.get_params())

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "feature_names_")

    def __sklearn_tags__(self) -> Tags:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="transformer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(string=True),
        )

    @property
    def _scores_sets(self) -> bool:
        return "sets" in self.levels or "balances" in self.levels

    @property
    def _needs_universe(self) -> bool:
        return self._scores_sets and self.score != "mean_z"

    def _fit_reference(self, X: pd.DataFrame, genes: list[str], plan: FeaturePlan) -> Reference:  # noqa: N803
        scale = self.expression_scale
        universe = genes if self.with_quantiles or self._needs_universe else list(plan.genes)
        if not universe:
            return Reference.without_genes(expression_scale=scale, n_samples=len(X))
        return fit_reference(
            X[universe], expression_scale=scale, with_quantiles=self.with_quantiles
        )

    def _fit_lineage_coding(self, X: pd.DataFrame) -> LineageCoding:  # noqa: N803
        if "lineage" not in self.covariates:
            return LineageCoding(lineages=(), means=np.empty(0))
        return fit_lineage_coding(
            lineage_column(X, required=True),
            minimum=self.lineage_minimum,
            weight=self.lineage_weight,
        )

    def _keep(self, plan: FeaturePlan, reference: Reference, coding: LineageCoding) -> None:
        self.plan_ = plan
        self.reference_ = reference
        self.lineage_coding_ = coding
        self.gene_panel_ = plan.gene_panel
        self.required_genes_ = reference.genes if self._needs_universe else plan.genes
        self.empty_sets_ = plan.empty_sets
        self.proliferation_genes_ = plan.proliferation_genes
        self.left_out_ = plan.left_out
        self.lineages_ = coding.lineages
        self.arrays_ = FeatureArrays.of(
            plan,
            self.required_genes_,
            levels=tuple(self.levels),
            score=self.score,
            reference=reference,
            coding=coding,
        )
        self.feature_names_ = np.array(plan.feature_names(self.levels, coding.lineages))

    @classmethod
    def _restored(
        cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]
    ) -> GeneSetFeatures:
        parameters = dict(meta["parameters"])
        parameters |= {name: tuple(parameters[name]) for name in ("levels", "covariates")}
        gene_sets = GeneSetCollection.from_json(meta["gene_sets"])
        features = cls(gene_sets, **parameters)
        features._keep(
            FeaturePlan.from_meta(meta["plan"], gene_sets),
            Reference.from_arrays(
                {name: arrays[f"reference_{name}"] for name in ARRAYS}, meta["reference"]
            ),
            LineageCoding(
                tuple(meta["lineages"]), arrays["lineage_means"], features.lineage_weight
            ),
        )
        return features

    def _refuse_unknown_parameters(self) -> None:
        asked = (
            ("levels", self.levels, get_args(Level)),
            ("covariates", self.covariates, get_args(Covariate)),
            ("score", (self.score,), tuple(SCORES)),
        )
        for name, given, allowed in asked:
            unknown = [value for value in given if value not in allowed]
            if unknown:
                raise GeneSetError(
                    f"Unknown {name}: {named(unknown)}.",
                    needed=f"some of {', '.join(allowed)}.",
                    remedy=f"Change the argument {name} of GeneSetFeatures.",
                )

    def _refuse_unfitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise FormatError(
                "These features were not fitted.",
                needed="a reference learned from a training cohort.",
                remedy="Call fit on the training expression first.",
            )


def _genes_of(expression: pd.DataFrame) -> list[str]:
    _refuse_other_than_table(expression)
    return [gene for gene in expression.columns if not str(gene).startswith(COVARIATE_PREFIX)]


def _refuse_other_than_table(expression: object) -> None:
    import pandas as pd

    if not isinstance(expression, pd.DataFrame):
        raise GeneIdError(
            f"Expression came as {type(expression).__name__}, without gene names.",
            needed="a DataFrame, samples x genes.",
            remedy="Pass Expression.values, or name the columns by gene.",
        )


def _damaged(what: str) -> FormatError:
    return FormatError(
        f"The stored feature state {what}.",
        needed="the arrays and the description that GeneSetFeatures.state wrote.",
        remedy="Build the bundle anew from its training run.",
    )
