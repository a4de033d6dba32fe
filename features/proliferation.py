"""A small set of proliferation markers, as a covariate and as a control.

Many gene sets predict outcome only because they follow proliferation (Venet 2011,
doi:10.1371/journal.pcbi.1002240), so it has a score of its own beside the gene panel.
"""

from __future__ import annotations

# The eleven genes of the PAM50 proliferation index: Nielsen 2010, doi:10.1158/1078-0432.CCR-10-1282
# (CDCA1 and KNTC2 of that paper are NUF2 and NDC80 today).
PAM50_PROLIFERATION = (
    "BIRC5",
    "CCNB1",
    "CDC20",
    "CEP55",
    "MKI67",
    "NDC80",
    "NUF2",
    "PTTG1",
    "RRM2",
    "TYMS",
    "UBE2C",
)
# Replication and mitosis genes of the proliferation signatures that Whitfield 2006 reviews,
# doi:10.1038/nrc1802.
COMMON_MARKERS = ("AURKA", "BUB1", "MCM2", "MCM3", "MCM6", "MYBL2", "PCNA", "PLK1", "TOP2A")

PROLIFERATION_MARKERS: tuple[str, ...] = tuple(sorted({*PAM50_PROLIFERATION, *COMMON_MARKERS}))
FEWEST_MARKERS = 3  # below this a mean is one gene's noise, and the covariate is left out
