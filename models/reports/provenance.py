"""Where a report's figures come from, and how to cite them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.bundle import Bundle
from models.cards.label_plot import UNITS

METHODS_CITED = (
    "Attributions: Lundberg SM et al. From local explanations to global understanding with "
    "explainable AI for trees. Nat Mach Intell 2020. doi:10.1038/s42256-019-0138-9; Strumbelj E, "
    "Kononenko I. Explaining prediction models and individual predictions with feature "
    "contributions. Knowl Inf Syst 2014. doi:10.1007/s10115-013-0679-x",
    "Random gene sets as a control: Venet D et al. Most random gene expression signatures are "
    "significantly associated with breast cancer outcome. PLoS Comput Biol 2011. "
    "doi:10.1371/journal.pcbi.1002240",
)
SETTINGS = {
    "seeds": "Seeds of the folds",
    "n_folds": "Folds",
    "n_inner_folds": "Inner folds",
    "n_bootstrap": "Draws behind the intervals of the card",
    "n_random_sets": "Random gene sets",
    "label_method": "Label method",
}


def provenance_rows(bundle: Bundle, drug: str) -> tuple[tuple[str, str], ...]:
    """List what and how much a bundle was made of, with the hashes to check it by."""
    known = bundle.provenance
    settings = known.get("settings")
    rows = [
        ("Drug", drug),
        ("Bundle version", bundle.version or "not registered"),
        ("Bundle sha256", bundle.sha256 or "not written"),
        ("Made", str(known.get("created_at", "not known"))),
        ("Code version", str(known.get("code_version", "not known"))),
        ("Cohort", bundle.cohort + (" (simulated)" if bundle.simulated else "")),
        ("Training lines", str(known.get("n_samples", "not known"))),
        ("Response", _response(str(known.get("response_kind", "not known")))),
        ("Gene sets sha256", bundle.gene_sets.sha256),
        *_sources(known),
    ]
    elsewhere = known.get("n_screened_elsewhere")
    if elsewhere:
        rows.insert(7, ("Lines without expression", f"{elsewhere}, for what drugs share"))
    if isinstance(settings, Mapping):
        rows += [(said, str(settings[name])) for name, said in SETTINGS.items() if name in settings]
    if "seed" in known:
        rows.append(("Seed", str(known["seed"])))
    return (*rows, ("Seed of this report's draws", "0"))


def citation_lines(bundle: Bundle, drug: str, references: Mapping[str, str]) -> tuple[str, ...]:
    """Say how to cite the report, its data and its methods."""
    version = str(bundle.provenance.get("code_version", "version not known"))
    made = str(bundle.provenance.get("created_at", ""))[:10] or "date not known"
    own = (
        f"cupromark {version}. Report on {drug}, cohort {bundle.cohort}, bundle sha256 "
        f"{bundle.sha256 or 'not written'}, made {made}. Research use only."
    )
    names = [str(one.get("name")) for one in _listed(bundle.provenance)]
    cited = dict.fromkeys(f"Data: {references[name]}" for name in names if references.get(name))
    return (own, *cited, *METHODS_CITED)


def _response(kind: str) -> str:
    unit = UNITS.get(kind)
    return f"{kind} ({unit})" if unit else kind


def _sources(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in _listed(known):
        whole = "" if one.get("complete", True) else ", not the publisher's whole file"
        n_bytes = one.get("bytes")
        size = f", {n_bytes:,} bytes" if isinstance(n_bytes, int) else ""
        yield f"Data: {one.get('name')}", f"sha256 {one.get('sha256')}{size}{whole}"


def _listed(known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    sources = known.get("sources")
    return [one for one in sources if isinstance(one, Mapping)] if isinstance(sources, list) else []
