"""Array probes: the controls among them, and what is said when no platform map is given."""

from __future__ import annotations

from collections.abc import Sequence

from features.errors import GeneIdError


def is_control_probe(name: str) -> bool:
    """Tell an Affymetrix control, which stands for no human gene."""
    return name.startswith(("AFFX-", "AFFX_"))


def needs_platform_map(
    gene_ids: Sequence[str], platforms: Sequence[str], file_name: str
) -> GeneIdError:
    """Return the error for probes that no map turns into genes."""
    which = " or ".join(platforms) or "of its array"
    return GeneIdError(
        f"{file_name} names array probes ({', '.join(gene_ids[:3])}, ...) and no platform map "
        f"was given.",
        needed=f"the platform map {which}: a TSV with the columns probe_id and symbol.",
        remedy="pass it as platform map (--platform-map); "
        "GEO gives each platform's annotation on its GPL page.",
    )
