"""What a list of gene names means to a bundle, worked out once for all profiles that bear it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from features.alignment import Aligner, AlignMethod, refuse_unusable_method, shared_genes
from features.coverage import Cover, GeneCoverage, plan_cover
from features.readers.duplicates import GeneColumns, check_gene_names
from features.readers.gene_resolution import GeneResolver, ResolvedGenes
from models.bundle import Bundle
from models.compiled.answers import GeneReport
from models.prediction_notes import note_coverage
from models.trained_names import renamed_as_trained

# Characters of gene names and bytes of arrays that stay in memory, all plans together.
MOST_CACHED = 12_000_000
# Profiles: alignment holds all genes of the cohort several times over, 8 bytes each.
ALIGNED_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class GenePlan:
    """How columns of values become the genes that a bundle needs.

    Attributes
    ----------
    columns
        The columns of each gene.
    shared
        (n_shared,) places, among these genes, of those that the reference holds.
    aligner
        Brings the shared genes onto the scale of the cohort; None where no gene is needed.
    cover
        Gives every needed gene a column.
    held
        (n_held,) places of the needed genes that are there, among the shared ones.
    direct
        (n_held,) the same among the genes of `columns`, for profiles that are not aligned.
    coverage
        Of the gene panel.
    notes
        What is to be said about it.
    """

    columns: GeneColumns
    report: GeneReport
    shared: NDArray[np.intp]
    aligner: Aligner | None
    cover: Cover | None
    held: NDArray[np.intp]
    direct: NDArray[np.intp]
    coverage: GeneCoverage
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, bundle: Bundle, genes: Sequence[str], method: AlignMethod, *, source: str
    ) -> GenePlan:
        """Resolve the names and find the genes that the bundle needs.

        Raises
        ------
        GeneIdError, FormatError, ExcelDamageError
            The names cannot be used.
        CoverageError
            Too few genes of the panel are among them.
        ScaleError
            The method of alignment cannot be used.
        """
        check_gene_names(genes, source)
        resolved = GeneResolver(bundle.symbols, on_ambiguous="drop").resolve_ids(genes, source)
        columns = GeneColumns.of(resolved.genes)
        report = _report(resolved, columns)
        features = bundle.features
        if not features.required_genes_:
            none = np.empty(0, dtype=np.intp)
            return cls(columns, report, none, None, None, none, none, GeneCoverage((), (), 1.0), ())
        reference = features.reference_
        renamed = renamed_as_trained(columns.genes, reference.genes, bundle.symbols)
        held = [renamed.get(gene, gene) for gene in columns.genes]
        refuse_unusable_method(method, reference)
        shared = shared_genes(held, reference)
        minimum = bundle.minimum_gene_coverage
        panel = plan_cover(shared, reference, features.gene_panel_, minimum=minimum)
        cover = plan_cover(shared, reference, features.required_genes_, minimum=0.0)
        place = {gene: at for at, gene in enumerate(held)}
        places = np.array([place[gene] for gene in shared], dtype=np.intp)
        present = cover.places[cover.present]
        return cls(
            columns=columns,
            report=report,
            shared=places,
            aligner=Aligner.of(reference, reference.positions(shared), method=method),
            cover=cover,
            held=present,
            direct=places[present],
            coverage=panel.coverage,
            notes=note_coverage(panel.coverage),
        )

    def needed_values(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give samples x needed genes, from samples x genes of `columns`, log2."""
        if self.cover is None or self.aligner is None:
            return np.empty((len(values), 0))
        if self.aligner.method == "none":
            return self.cover.fill(values.take(self.direct, axis=1).astype(np.float64))
        if len(values) <= ALIGNED_AT_ONCE:
            return self._aligned(self.aligner, self.cover, values)
        return np.concatenate(
            [
                self._aligned(self.aligner, self.cover, values[start : start + ALIGNED_AT_ONCE])
                for start in range(0, len(values), ALIGNED_AT_ONCE)
            ]
        )

    def _aligned(
        self, aligner: Aligner, cover: Cover, values: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        aligned = aligner.align(values.take(self.shared, axis=1).astype(np.float64))
        return cover.fill(aligned.take(self.held, axis=1))

    @property
    def cost(self) -> int:
        """About how many bytes it holds beyond the names."""
        places = (self.columns.first, self.shared, self.held, self.direct)
        sorted_values = 0
        if self.aligner is not None:
            sorted_values = self.aligner.shared_values.nbytes + self.aligner.all_values.nbytes
        return 2_000 + sorted_values + sum(array.nbytes for array in places)


class GenePlans:
    """Plans of the gene lists asked with last; thread-safe, and bounded in memory."""

    def __init__(
        self,
        make: Callable[[Sequence[str], AlignMethod, str], GenePlan],
        *,
        most: int = MOST_CACHED,
    ) -> None:
        self.most = most
        self.cost = 0
        self._make = make
        self._plans: OrderedDict[tuple[int, str, str], tuple[int, GenePlan]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, genes: Sequence[str], method: AlignMethod, *, source: str) -> GenePlan:
        """Take the plan of a list of genes, or make it."""
        # A name that holds the separator only ever meets lists with such names.
        key = (len(genes), method, "\0".join(genes))
        with self._lock:
            found = self._plans.get(key)
            if found is not None:
                self._plans.move_to_end(key)
                return found[1]
        plan = self._make(genes, method, source)
        self._keep(key, plan)
        return plan

    def _keep(self, key: tuple[int, str, str], plan: GenePlan) -> None:
        # The names stand in the key, in the genes of the columns and in the report.
        cost = 4 * len(key[2]) + 150 * key[0] + plan.cost
        if cost > self.most // 2:
            return
        with self._lock:
            if key in self._plans:
                return
            self._plans[key] = (cost, plan)
            self.cost += cost
            while self.cost > self.most:
                _, (freed, _) = self._plans.popitem(last=False)
                self.cost -= freed


def _report(resolved: ResolvedGenes, columns: GeneColumns) -> GeneReport:
    return GeneReport(
        id_type=resolved.id_type,
        n_genes=len(columns.genes),
        renamed=resolved.renamed,
        unknown=resolved.unknown,
        ambiguous=resolved.ambiguous,
        duplicated=columns.duplicated,
    )
