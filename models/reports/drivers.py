"""What a drug's classifier rests on, over the lines on which the drug was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.gene_sets import Direction, GeneSetCollection
from models.attribution import Attributions, Attributor, GeneDirection
from models.cards.figures import Reading
from models.claim_matches import ClaimMatches
from models.reports.content import Drivers, Entry, EntryKind, FloatArray
from models.reports.draws import N_DRAWS, mean_readings, patient_weights
from models.reports.drug_lines import DrugLines
from models.reports.families import Family, family_of, family_of_gene

CLEAR_CORRELATION = 0.3
COVARIATES: dict[str, tuple[str, EntryKind]] = {
    "lineage": ("Lineage (tissue of origin)", "lineage"),
    "proliferation": ("Proliferation score", "proliferation"),
}


@dataclass(frozen=True, slots=True, eq=False)
class DriverFacts:
    """What is known of genes and sets beside their attributions.

    Attributes
    ----------
    sets_of_gene
        Gene -> its sets, of those that the cohort allows.
    directions
        Gene -> direction, where the score has one for every profile; else empty.
    """

    gene_sets: GeneSetCollection
    sets_of_gene: Mapping[str, tuple[str, ...]]
    n_genes: Mapping[str, int]
    directions: Mapping[str, GeneDirection]
    matches: ClaimMatches


def find_drivers(attributor: Attributor, lines: DrugLines, facts: DriverFacts) -> Drivers:
    """Attribute the answers of a drug's own lines, by gene and by set.

    Parameters
    ----------
    attributor
        Of this drug alone.

    Raises
    ------
    AttributionError
        Attributions miss an answer by more than 1e-4.
    """
    by_gene, by_set = attributor.attribute_genes_and_sets(lines.features)
    weights = patient_weights(lines.patients)
    return Drivers(
        genes=_entries(by_gene, weights, facts),
        sets=_entries(by_set, weights, facts),
        is_linear=bool(facts.directions),
        base_log_odds=float(by_gene.base_log_odds[0]),
        samples=lines.samples,
        lineage=lines.lineage,
        patients=lines.patients,
        is_sensitive=lines.is_sensitive,
        probability=lines.probability,
        n_patients=len(set(lines.patients)),
        n_draws=N_DRAWS,
    )


def _entries(given: Attributions, weights: FloatArray, facts: DriverFacts) -> tuple[Entry, ...]:
    log_odds = given.log_odds[:, 0, :]
    sizes = mean_readings(np.abs(log_odds), weights)
    totals: list[Reading | None] = [None] * len(sizes)
    if given.set_totals is not None:
        totals = [*mean_readings(np.abs(given.set_totals[:, 0, :]), weights)]
    whole = sum(one.value or 0.0 for one in sizes) or 1.0
    entries = [
        _entry(name, sizes[at], totals[at], whole, log_odds[:, at], given.values[:, at], facts)
        for at, name in enumerate(given.names)
    ]
    return tuple(sorted(entries, key=lambda one: (-(one.mean_size.value or 0.0), one.name)))


def _entry(
    name: str,
    size: Reading,
    total: Reading | None,
    whole: float,
    attribution: FloatArray,
    value: FloatArray,
    facts: DriverFacts,
) -> Entry:
    is_covariate, is_set = name in COVARIATES, name in facts.gene_sets and total is not None
    title, kind = COVARIATES.get(name, (name, "gene"))
    sets = () if is_covariate else (name,) if is_set else facts.sets_of_gene[name]
    one = facts.directions.get(name)
    lean = None
    if kind != "lineage":
        lean = one.direction if one else observed_lean(value, attribution)
    expected, context = _expectation(name, sets, facts, is_set=is_set)
    agreement = facts.matches.compare(name, lean)
    return Entry(
        name=name,
        title=facts.gene_sets[name].title if is_set else title,
        kind="set" if is_set else kind,
        family=_family(sets, facts, is_set=is_set) if sets else None,
        sets=sets,
        n_genes=facts.n_genes[name] if is_set else 1,
        mean_size=size,
        share=(size.value or 0.0) / whole,
        direction=lean,
        log_odds_per_sd=one.log_odds_per_sd if one else None,
        expected=expected,
        context=context,
        agreeing=agreement.agreeing,
        opposing=agreement.opposing,
        total_size=total if is_set else None,
        attribution=attribution,
        value=value,
    )


def observed_lean(value: FloatArray, attribution: FloatArray) -> Direction | None:
    """Tell what a higher value goes with over lines; None where no direction prevails."""
    known = np.isfinite(value)
    if known.sum() < 3 or np.ptp(value[known]) == 0 or np.ptp(attribution[known]) == 0:
        return None
    correlation = float(np.corrcoef(value[known], attribution[known])[0, 1])
    if abs(correlation) < CLEAR_CORRELATION:
        return None
    return "sensitivity" if correlation > 0 else "resistance"


def _family(sets: tuple[str, ...], facts: DriverFacts, *, is_set: bool) -> Family:
    if is_set:
        return family_of(facts.gene_sets[sets[0]])
    return family_of_gene(sets, facts.gene_sets)


def _expectation(
    name: str, sets: tuple[str, ...], facts: DriverFacts, *, is_set: bool
) -> tuple[Direction | None, str]:
    """Give what sources expect of a gene, or of a set; None where they part."""
    if is_set:
        gene_set = facts.gene_sets[name]
        return gene_set.direction, gene_set.context or ""
    members = [
        member for one in sets for member in facts.gene_sets[one].members if member.symbol == name
    ]
    stated = {member.direction for member in members if member.direction}
    contexts = dict.fromkeys(member.context for member in members if member.context)
    return (stated.pop() if len(stated) == 1 else None), "; ".join(filter(None, contexts))
