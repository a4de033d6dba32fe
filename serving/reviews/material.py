"""From a bundle to what is to be reviewed of it, the same whenever it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from features.claims import Claim, load_claims
from models.bundle import Bundle
from models.cards.card import card_of_bundle
from models.cards.figures import figure_at
from models.claim_matches import ClaimMatches
from models.drug_model import DrugModel
from serving.errors import InvalidRequestError
from serving.reviews.contradictions import find_contradictions
from serving.reviews.entry_weights import EntryWeight, weigh_entries
from serving.reviews.expectations import Expectation, gene_expectations, set_expectation
from serving.reviews.findings import (
    DrugFigures,
    Finding,
    ReviewMaterial,
    figures_sha256,
    priority_of,
)
from serving.reviews.sentences import contradicted, surprising, unstable, weighty
from serving.reviews.words import Kind

RANKING = "ranking of genes"
HEADLINES = ("status_reason", "n_lines", "n_sensitive", "roc_auc", "random", "p", "q", "gains")


def make_material(bundle: Bundle, *, claims: Sequence[Claim] | None = None) -> ReviewMaterial:
    """Look at every drug of a bundle: what weighs most, surprises, is contradicted or unstable.

    Parameters
    ----------
    claims
        Those of the three reviews by default.

    Raises
    ------
    InvalidRequestError
        The bundle was never written, so that nothing can be said to be about it.
    """
    if not bundle.sha256:
        raise InvalidRequestError(
            "The bundle was never written: it has no hash by which reviews could name it.",
            needed="a bundle of a folder or of a store.",
            remedy="write or register it, and load it from there.",
        )
    known = load_claims() if claims is None else tuple(claims)
    weights, expected = weigh_entries(bundle), gene_expectations(bundle.gene_sets)
    drugs: list[DrugFigures] = []
    findings: list[Finding] = []
    for drug, model in bundle.drugs.items():
        card = card_of_bundle(bundle, drug)
        about = _DrugFindings(bundle, model, card, weights.get(drug, ()), expected)
        found = tuple(about.all(ClaimMatches.of(drug, known)))
        headlines = {name: card.get(name) for name in HEADLINES}
        drugs.append(DrugFigures(drug, model.status, headlines, figures_sha256(card, found)))
        findings.extend(found)
    return ReviewMaterial(
        bundle.sha256, bundle.name, bundle.cohort, bundle.simulated, tuple(drugs), tuple(findings)
    )


class _DrugFindings:
    """The findings of one drug."""

    def __init__(
        self,
        bundle: Bundle,
        model: DrugModel,
        card: Mapping[str, Any],
        weights: Sequence[EntryWeight],
        expected: Mapping[str, Expectation],
    ) -> None:
        self._bundle = bundle
        self._model = model
        self._card = card
        self._weights = weights
        self._expected = expected

    def all(self, matches: ClaimMatches) -> Iterator[Finding]:
        yield from self._contradicted(matches)
        yield from self._unstable()
        for one in self._weights:
            yield self._weighty(one, matches)

    def _contradicted(self, matches: ClaimMatches) -> Iterator[Finding]:
        found = find_contradictions(matches, self._card, self._weights)
        for subject, one in found.items():
            summary = contradicted(self._model.drug, subject, one)
            yield self._finding("contradicted_claim", subject, summary, asdict(one), one.share)

    def _unstable(self) -> Iterator[Finding]:
        names = ("panel", "random", "gain")
        panel, random, _ = (figure_at(self._card, "attribution_stability", name) for name in names)
        if panel.value is None or random.value is None or panel.value > random.value:
            return
        figures = self._card["attribution_stability"]
        summary = unstable(self._model.drug, panel.value, random.value)
        yield self._finding("unstable_attribution", RANKING, summary, figures, 1.0)

    def _weighty(self, one: EntryWeight, matches: ClaimMatches) -> Finding:
        is_set = one.of == "set"
        expectation = (
            set_expectation(self._bundle.gene_sets, one.name)
            if is_set
            else self._expected.get(one.name, Expectation(None, "", ()))
        )
        agreement = matches.compare(one.name, one.direction)
        figures = {
            **asdict(one),
            "expected": asdict(expectation),
            "agreeing_claims": [claim.claim_id for claim in agreement.agreeing],
            "opposing_claims": [claim.claim_id for claim in agreement.opposing],
        }
        if None not in (one.direction, expectation.direction) and (
            one.direction != expectation.direction
        ):
            summary = surprising(self._model.drug, one, expectation)
            return self._finding("surprising_direction", one.name, summary, figures, one.share)
        kind: Kind = "top_set" if is_set else "top_gene"
        return self._finding(kind, one.name, weighty(self._model.drug, one), figures, one.share)

    def _finding(
        self, kind: Kind, subject: str, summary: str, figures: Mapping[str, Any], share: float
    ) -> Finding:
        priority = priority_of(kind, self._model.status, share)
        sha256 = self._bundle.sha256
        return Finding(sha256, self._model.drug, kind, subject, summary, figures, priority)
