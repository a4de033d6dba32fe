"""`ReportMaker`: the reports of a bundle's drugs, with what they share worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.claims import Claim, load_claims
from models.attribution import Attributor, GeneDirection, drug_gene_directions
from models.bundle import Bundle
from models.cards.card import card_of_bundle
from models.claim_matches import ClaimMatches
from models.drug_model import DrugModel
from models.reports.claim_rows import LedgerRow, claim_rows
from models.reports.content import ClaimRow, Drivers, DrugReport, Interactions, Missing, PanelCover
from models.reports.drivers import DriverFacts, find_drivers
from models.reports.drug_lines import DrugLines, lines_of_drug
from models.reports.feature_words import feature_words
from models.reports.interactions import find_interactions
from models.reports.lineage_view import view_lineages
from models.reports.provenance import citation_lines, provenance_rows
from models.reports.report_words import claims_source, method_texts, report_limits
from models.reports.training_lines import TrainingLines, training_lines


@dataclass(frozen=True, slots=True, eq=False)
class ReportMaker:
    """Makes reports of one bundle.

    Attributes
    ----------
    lines
        The training lines, or why they cannot be shown.
    claims
        All claims of the literature.
    ledger
        Claim id -> row of a ledger of the same cohort; None without one.
    references
        Source of data -> how it is cited.
    """

    bundle: Bundle
    lines: TrainingLines | Missing
    claims: tuple[Claim, ...]
    ledger: Mapping[str, LedgerRow] | None
    references: Mapping[str, str]
    sets_of_gene: Mapping[str, tuple[str, ...]]
    panel: PanelCover

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        *,
        claims: Sequence[Claim] | None = None,
        ledger: Sequence[LedgerRow] | None = None,
        references: Mapping[str, str] | None = None,
    ) -> ReportMaker:
        """Lay out a bundle of any format; parts that it does not allow say so in its reports.

        Parameters
        ----------
        claims
            Those of the three reviews by default.
        ledger
            Rows of `cupromark claims test` on the cohort of the bundle (names of its columns ->
            values). Without them the verdicts of the evidence cards are shown.
        """
        return cls(
            bundle=bundle,
            lines=training_lines(bundle),
            claims=load_claims() if claims is None else tuple(claims),
            ledger=None if ledger is None else {str(row["claim_id"]): row for row in ledger},
            references=references or {},
            sets_of_gene=_sets_of_gene(bundle),
            panel=_panel_cover(bundle),
        )

    def report(self, drug: str) -> DrugReport:
        """Gather the report of a drug, by its name in the bundle; KeyError for another.

        The same bundle gives the same report: draws have a fixed seed, and the only date is that
        of the bundle.

        Raises
        ------
        AttributionError
            Attributions of the training lines miss their answers by more than 1e-4.
        """
        bundle, model = self.bundle, self.bundle.drugs[drug]
        card = card_of_bundle(bundle, drug)
        matches = ClaimMatches.of(drug, self.claims)
        lines = self._lines_of(model)
        directions = self._directions(drug)
        drivers, interactions = self._explained(model, lines, directions, matches)
        return DrugReport(
            drug=drug,
            cohort=bundle.cohort,
            simulated=bundle.simulated,
            status=model.status,
            version=bundle.version,
            bundle_sha256=bundle.sha256,
            created_at=str(bundle.provenance.get("created_at", "")),
            card=card,
            estimator=model.estimator,
            panel=self.panel,
            drivers=drivers,
            interactions=interactions,
            claims=self._claims(card, matches, directions),
            claims_source=claims_source(bundle.cohort, card, has_ledger=self.ledger is not None),
            lineages=_no_lines() if lines is None else view_lineages(lines, drivers),
            limits=report_limits(card, self.panel, drivers),
            methods=method_texts(bundle, model, drivers),
            provenance=provenance_rows(bundle, drug),
            citation=citation_lines(bundle, drug, self.references),
        )

    def _lines_of(self, model: DrugModel) -> DrugLines | None:
        """Give the drug's lines; without features where these are missing, None without lines."""
        if isinstance(self.lines, TrainingLines):
            known = self.lines
            return lines_of_drug(model, known.samples, known.lineage, known.features)
        domain = self.bundle.domain
        if domain is None:
            return None
        nothing = np.empty((len(domain.samples), 0))
        return lines_of_drug(model, domain.samples, domain.lineage, nothing)

    def _directions(self, drug: str) -> Mapping[str, GeneDirection]:
        if self.bundle.background is None:
            return {}
        return drug_gene_directions(self.bundle, [drug]).get(drug, {})

    def _explained(
        self,
        model: DrugModel,
        lines: DrugLines | None,
        directions: Mapping[str, GeneDirection],
        matches: ClaimMatches,
    ) -> tuple[Drivers | Missing, Interactions | Missing]:
        if isinstance(self.lines, Missing) or lines is None:
            reason = self.lines.reason if isinstance(self.lines, Missing) else ""
            return Missing(reason), Missing(reason)
        attributor = Attributor.of(self.bundle, drugs=[model.drug])
        facts = DriverFacts(
            gene_sets=self.bundle.gene_sets,
            sets_of_gene=self.sets_of_gene,
            n_genes={name: len(g) for name, g in self.bundle.features.plan_.set_genes.items()},
            directions=directions,
            matches=matches,
        )
        drivers = find_drivers(attributor, lines, facts)
        names = feature_words(self.bundle)
        return drivers, find_interactions(model, attributor, lines.features, names)

    def _claims(
        self,
        card: Mapping[str, Any],
        matches: ClaimMatches,
        directions: Mapping[str, GeneDirection],
    ) -> tuple[ClaimRow, ...]:
        subjects = {*self.sets_of_gene, *self.bundle.features.plan_.set_genes}
        subjects |= set(self.bundle.features.reference_.genes)
        return claim_rows(
            matches.claims,
            card=card,
            ledger=self.ledger,
            directions=directions,
            subjects=subjects,
        )


def _sets_of_gene(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, genes in bundle.features.plan_.set_genes.items():
        for gene in genes:
            found.setdefault(gene, []).append(name)
    return {gene: tuple(names) for gene, names in found.items()}


def _panel_cover(bundle: Bundle) -> PanelCover:
    plan, whole = bundle.features.plan_, bundle.gene_sets.gene_panel
    held = set(plan.gene_panel)
    return PanelCover(
        n_held=len(held),
        n_panel=len(whole),
        missing=tuple(gene for gene in whole if gene not in held),
        left_out=tuple(plan.left_out.items()),
    )


def _no_lines() -> Missing:
    return Missing("This bundle keeps no training lines: lineages cannot be shown.")
