"""What a claim asks of a cohort, or the reason why the cohort cannot answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from features.claim_table import TESTABLE, Claim
from features.claims import OXPHOS
from features.errors import AmbiguousSymbolError
from features.gene_sets import GeneSet
from training.claims_testing.cancer_lineages import lineages_of
from training.claims_testing.drug_classes import drugs_of_class
from training.cohort import Cohort
from training.drugs import drug_key
from training.evidence.figures import NotEstimable
from training.response import Response

FEWEST_SET_GENES = 3
"""Genes of a set that have to be measured; one or two of them are genes, not a process."""

LEAST_SET_SHARE = 0.2
"""Share of a set's genes that has to be measured; 4 of 111 do not speak for the process."""


@dataclass(frozen=True, slots=True)
class Question:
    """One measurement; claims about the same subject and drugs share it.

    Attributes
    ----------
    subject
        Gene or process as the claim calls it.
    genes
        The gene, or those genes of the process that the cohort measures.
    n_set_genes
        Genes of the process, measured or not; 1 for a gene.
    drugs
        The drug, or the drugs of the class that the cohort has.
    lineages
        Only lines of these lineages; None for all lines.
    """

    subject: str
    genes: tuple[str, ...]
    n_set_genes: int
    drugs: tuple[str, ...]
    lineages: tuple[str, ...] | None = None


def question_of(
    claim: Claim, cohort: Cohort, gene_sets: Mapping[str, GeneSet]
) -> Question | NotEstimable:
    """Say what to measure for a claim: its genes and its drugs in this cohort."""
    if not claim.rests_on_expression:
        hint = claim.testable_hint
        return NotEstimable(hint if hint != TESTABLE else f"{claim.change} is not a level")
    if cohort.response is None:
        return NotEstimable("the cohort has no response")
    genes = _genes(claim, cohort, gene_sets)
    if isinstance(genes, NotEstimable):
        return genes
    drugs = _drugs(claim, cohort.response)
    if isinstance(drugs, NotEstimable):
        return drugs
    return Question(str(claim.subject), *genes, drugs)


def cancer_lineages(claim: Claim, cohort: Cohort) -> tuple[str, ...] | NotEstimable:
    """Lineages of the cohort that stand for the cancers of a claim."""
    if not claim.cancers:
        return NotEstimable("the claim names no cancer")
    found = lineages_of(claim.cancers, cohort.lineage.dropna().unique())
    return found or NotEstimable(f"no lineage of the cohort stands for {claim.cancer}")


def _genes(
    claim: Claim, cohort: Cohort, gene_sets: Mapping[str, GeneSet]
) -> tuple[tuple[str, ...], int] | NotEstimable:
    if claim.gene is not None:
        return _gene(claim.gene, cohort)
    wanted = _set_genes(str(claim.process), gene_sets)
    if not wanted:
        return NotEstimable(f"no gene set is called {claim.process}")
    measured = tuple(gene for gene in wanted if gene in cohort.expression.values.columns)
    fewest = max(FEWEST_SET_GENES, ceil(LEAST_SET_SHARE * len(wanted)))
    if len(measured) < fewest:
        return NotEstimable(
            f"the cohort measures {len(measured)} of the {len(wanted)} genes of {claim.process}, "
            f"fewer than {fewest}"
        )
    return measured, len(wanted)


def _set_genes(process: str, gene_sets: Mapping[str, GeneSet]) -> tuple[str, ...]:
    """Genes of a process; "oxphos" is its five complexes together."""
    names = [
        name
        for name in gene_sets
        if name == process or (process == OXPHOS and name.startswith(f"{OXPHOS}_complex_"))
    ]
    return tuple(dict.fromkeys(gene for name in names for gene in gene_sets[name].genes))


def _gene(name: str, cohort: Cohort) -> tuple[tuple[str, ...], int] | NotEstimable:
    measured = cohort.expression.values.columns
    if name in measured:
        return (name,), 1
    try:
        symbol = cohort.symbols.resolve(name)
    except AmbiguousSymbolError:
        return NotEstimable(f"{name} may be several genes")
    if symbol is None:
        return NotEstimable(f"no gene is called {name}")
    if symbol not in measured:
        return NotEstimable(f"the cohort does not measure {symbol}")
    return (symbol,), 1


def _drugs(claim: Claim, response: Response) -> tuple[str, ...] | NotEstimable:
    """Drugs that a claim speaks of; a claim that names a drug is about that drug alone."""
    available = _by_key(tuple(response.values.columns))
    if claim.drug is not None:
        drug = available.get(drug_key(claim.drug))
        return (drug,) if drug else NotEstimable(f"the cohort does not measure {claim.drug}")
    members = drugs_of_class(claim.drug_class, response.kind)
    if not members:
        return NotEstimable(f"no drug of a cohort stands for {claim.drug_class}")
    keys = (drug_key(drug) for drug in members)
    found = tuple(dict.fromkeys(available[key] for key in keys if key in available))
    return found or NotEstimable(f"the cohort measures no drug of the class {claim.drug_class}")


@lru_cache(maxsize=8)
def _by_key(drugs: tuple[str, ...]) -> dict[str, str]:
    return {drug_key(drug): drug for drug in drugs}
