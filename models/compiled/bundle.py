"""`CompiledBundle`: a bundle that answers all drugs of a profile in a few array operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.alignment import AlignMethod
from features.expression import Scale
from models.attribution import Attributor
from models.bundle import Bundle
from models.bundle_files import load_bundle
from models.compiled.answers import CompiledAnswers
from models.compiled.bundle_facts import BundleFacts
from models.compiled.calls import Calibrations, ConformalCuts, count_opposite
from models.compiled.explanations import CompiledExplanations, largest
from models.compiled.questions import Asked, Questions
from models.compiled.scoring import Scorer
from models.compiled.selections import Selections
from models.conformal import checked_level
from models.domain import N_NEIGHBOURS, NearLine
from models.golden_answers import GoldenAnswers
from models.golden_check import Given, reproduce
from models.placement import place_z
from models.prediction_notes import (
    Alignment,
    note_domain,
    note_n_opposite,
    note_simulation,
    note_training_lines,
)

MOST_LEVELS, MOST_CUTS = 64, 16
# Those of trees hold tables of some KB a tree.
MOST_ATTRIBUTORS = 4


class CompiledBundle(BundleFacts):
    """A bundle with everything precomputed that does not depend on the profiles.

    It gives the answers of `models.prediction.predict` on profiles that
    `models.profile_tables.expression_of` read, without pandas, pyarrow, SciPy or scikit-learn.
    Where set scores are mean z values, every feature is a sum of z values of genes, and the
    coefficients of all linear drugs become one matrix on genes; scores by rank or enrichment are
    computed first. It holds no state but bounded caches, and may be used from several threads.

    Parameters
    ----------
    bundle
        What answers.
    """

    def __init__(self, bundle: Bundle) -> None:
        super().__init__(bundle)
        models = list(bundle.drugs.values())
        self._arrays = bundle.features.arrays_
        self._panel_is_all = len(self._arrays.panel) == len(self._arrays.genes)
        scorer = Scorer.of(models, self._arrays)
        selections = Selections(bundle, scorer, Calibrations.of(models))
        self._questions = Questions(bundle, selections)
        cuts = lru_cache(MOST_LEVELS)(lambda level: ConformalCuts.of(models, level))
        self._cuts = lru_cache(MOST_CUTS)(
            lambda level, selection: cuts(checked_level(level)).pick(selection.places)
        )
        self._attributors = lru_cache(MOST_ATTRIBUTORS)(
            lambda drugs: Attributor.of(bundle, drugs=drugs)
        )

    @classmethod
    def load(
        cls, folder: Path, *, version: str | None = None, with_golden: bool = False
    ) -> CompiledBundle:
        """Verify a bundle and load from it what answers.

        Parameters
        ----------
        folder
            Where `models.bundle_files.write_bundle` wrote it.
        version
            Its version in the registry, for answers to say.
        with_golden
            Also load the golden answers, which `check_golden` needs.

        Raises
        ------
        BundleDamagedError, BundleError
            As `models.bundle_files.load_bundle`.
        """
        left_out = ("held_out",) if with_golden else ("held_out", "golden")
        return cls(load_bundle(Path(folder), version=version, without=left_out))

    def predict(
        self,
        genes: Sequence[str],
        values: ArrayLike,
        *,
        scale: Scale | None,
        drugs: Sequence[str] | None = None,
        align: Alignment = "auto",
        level: float = 0.8,
        lineage: Mapping[str, str] | str | None = None,
        sample_ids: Sequence[str] | None = None,
        source: str = "the table",
        is_log2: bool = False,
    ) -> CompiledAnswers:
        """Answer how sensitive each sample is to each drug.

        Parameters
        ----------
        genes
            Names of the columns: symbols of any kind, Entrez or Ensembl ids. Ids that fit several
            genes are dropped and named; of columns of the same gene the mean is taken.
        values
            (n_samples, n_genes) numbers on `scale`; they are not changed.
        scale
            What the values are, as their source states; they are held to it.
        drugs, align, level, lineage
            As in `models.prediction.predict`.
        sample_ids
            (n_samples,) unique names; "profile_1", "profile_2" ... by default.
        source
            What messages call the profiles.
        is_log2
            Whether `values` are what `features.reading.read_expression` made of the profiles: log2
            whatever `scale` says, checked, and not changed again.

        Raises
        ------
        PredictionError
            No samples, no genes, an unknown drug, or profiles with one value for all genes.
        ModelsError
            A level outside 0 to 1.
        CoverageError
            The profiles hold too few genes of the panel.
        ScaleError, CellError, GeneIdError, FormatError, SampleError
            Values, names of genes, or names of samples that cannot be used.
        """
        asked = self._questions.understand(
            genes,
            values,
            scale=scale,
            drugs=drugs,
            align=align,
            lineage=lineage,
            sample_ids=sample_ids,
            source=source,
            is_log2=is_log2,
        )
        scores = asked.selection.scorer.scores(asked.needed)
        return self._answers(asked, scores, level)

    def explain(
        self,
        genes: Sequence[str],
        values: ArrayLike,
        *,
        scale: Scale | None,
        drugs: Sequence[str] | None = None,
        align: Alignment = "auto",
        level: float = 0.8,
        lineage: Mapping[str, str] | str | None = None,
        sample_ids: Sequence[str] | None = None,
        top: int = 10,
        source: str = "the table",
        is_log2: bool = False,
    ) -> CompiledExplanations:
        """Answer, and take every answer apart: what each gene and each gene set gave.

        It holds 8 bytes a sample, drug and gene several times over: ask with few samples at once.

        Parameters
        ----------
        genes, values, scale, drugs, align, level, lineage, sample_ids, source, is_log2
            As in `predict`.
        top
            How many genes to name of each answer.

        Raises
        ------
        AttributionError
            The bundle is of format 1, or attributions do not add up to an answer.
        CupromarkError
            As in `predict`.
        """
        asked = self._questions.understand(
            genes,
            values,
            scale=scale,
            drugs=drugs,
            align=align,
            lineage=lineage,
            sample_ids=sample_ids,
            source=source,
            is_log2=is_log2,
        )
        scores = asked.selection.scorer.scores(asked.needed)
        attributor = self._attributors(asked.selection.drugs)
        features = self._arrays.features(asked.needed.values, asked.needed.lineage)
        by_gene, by_set = attributor.attribute_genes_and_sets(features, scores=scores)
        return CompiledExplanations(
            answers=self._answers(asked, scores, level),
            genes=by_gene,
            sets=by_set,
            top=largest(by_gene.log_odds, top),
        )

    def _answers(self, asked: Asked, scores: NDArray[np.float64], level: float) -> CompiledAnswers:
        selection, needed = asked.selection, asked.needed
        probability = selection.calibrations.probability(scores)
        codes = self._cuts(level, selection).set_codes(probability)
        panel_z = needed.z if self._panel_is_all else needed.z.take(self._arrays.panel, axis=1)
        place = place_z(self.bundle, asked.samples, panel_z)
        return CompiledAnswers(
            sample_ids=asked.samples,
            drugs=selection.drugs,
            statuses=selection.statuses,
            probability_sensitive=probability,
            set_codes=codes,
            domain_percentile=place.percentile,
            training_lines=place.training_lines,
            coverage=asked.plan.coverage,
            gene_report=asked.plan.report,
            alignment=asked.method,
            lineage_used=asked.lineage_used,
            notes=(
                asked.alignment_note,
                *asked.plan.notes,
                *asked.lineage_notes,
                *note_domain(asked.samples, place.percentile),
                *note_training_lines(place.training_lines),
                *note_n_opposite(count_opposite(probability, codes), codes.size),
                *selection.notes,
                *note_simulation(self.simulated),
            ),
            level=level,
            panel_z=panel_z,
        )

    def nearest(self, answers: CompiledAnswers, *, k: int = N_NEIGHBOURS) -> list[list[NearLine]]:
        """List the k training lines nearest to each sample; none where no lines are known."""
        if self.bundle.domain is None:
            return [[] for _ in answers.sample_ids]
        return self.bundle.domain.nearest(answers.panel_z, k)

    def check_golden(self) -> None:
        """Give the golden answers again; load the bundle `with_golden` for it.

        Raises
        ------
        BundleError
            There are none.
        BundleDamagedError
            An answer differs by more than `models.golden_check.TOLERANCE`.
        """
        reproduce(self.bundle.golden, self._golden_answers, name=self.name)

    def _golden_answers(self, golden: GoldenAnswers, method: AlignMethod) -> Given:
        asked = self._questions.understand_log2(
            golden.genes,
            golden.values,
            golden.samples,
            scale=golden.scale,
            drugs=golden.drugs,
            align=method,
            lineage=golden.lineage,
        )
        answers = self._answers(asked, asked.selection.scorer.scores(asked.needed), level=0.8)
        return Given(answers.probability_sensitive, answers.domain_percentile)
