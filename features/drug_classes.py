"""Classes of drugs that claims speak of, and the drugs that belong to them.

Classes follow the Anatomical Therapeutic Chemical classification of the WHO
(https://atcddd.fhi.no/atc_ddd_index/), whose code stands beside each class; compounds that were
never licensed (MG-132, SB590885) stand with the licensed drugs of the same target, as GDSC
annotates it (https://www.cancerrxgene.org/compounds).
"""

from __future__ import annotations

from functools import lru_cache

PLATINUM = ("Cisplatin", "Carboplatin", "Oxaliplatin")  # L01XA
TAXANES = ("Paclitaxel", "Docetaxel", "Cabazitaxel")  # L01CD
VINCA_ALKALOIDS = ("Vinblastine", "Vincristine", "Vinorelbine")  # L01CA
ANTHRACYCLINES = ("Doxorubicin", "Daunorubicin", "Epirubicin", "Idarubicin")  # L01DB
TOPOISOMERASE_INHIBITORS = (  # L01CE, L01CB; SN-38 is the active form of irinotecan
    *("Camptothecin", "Irinotecan", "SN-38", "Topotecan"),
    *("Etoposide", "Teniposide", "Mitoxantrone"),
)
ANTIMETABOLITES = (  # L01B
    *("5-Fluorouracil", "Gemcitabine", "Cytarabine", "Methotrexate", "Pemetrexed", "Raltitrexed"),
    *("Fludarabine", "Cladribine", "Clofarabine", "Nelarabine"),
)
DIRECT_DNA_DAMAGE = ("Bleomycin", "Mitomycin-C", "Temozolomide", "Melphalan")  # L01DC, L01A
DNA_DAMAGING = (*PLATINUM, *ANTHRACYCLINES, *TOPOISOMERASE_INHIBITORS, *DIRECT_DNA_DAMAGE)

DRUG_CLASSES: dict[str, tuple[str, ...]] = {
    "platinum": PLATINUM,
    "taxane": TAXANES,
    "anthracycline": ANTHRACYCLINES,
    "antimetabolite": ANTIMETABOLITES,
    # Every cytotoxic class: a claim about "chemotherapy" is one about all of them.
    "chemotherapy": (*DNA_DAMAGING, *TAXANES, *VINCA_ALKALOIDS, *ANTIMETABOLITES),
    "DNA-damaging chemotherapy": DNA_DAMAGING,
    "proteasome inhibitor": ("Bortezomib", "Carfilzomib", "Ixazomib", "MG-132"),  # L01XG
    "PARP inhibitor": ("Olaparib", "Niraparib", "Rucaparib", "Talazoparib", "Veliparib"),  # L01XK
    "BRAF inhibitor": ("Vemurafenib", "Dabrafenib", "PLX-4720", "SB590885"),  # L01EC
    "tyrosine kinase inhibitor": (  # L01EA, L01EB, L01EH, L01EK, L01EX
        *("Imatinib", "Dasatinib", "Nilotinib", "Bosutinib", "Ponatinib"),
        *("Gefitinib", "Erlotinib", "Afatinib", "Osimertinib", "AZD3759", "Lapatinib"),
        *("Sapitinib", "Axitinib", "Cediranib", "Motesanib", "Sunitinib", "Sorafenib"),
        *("Pazopanib", "Lenvatinib", "Cabozantinib", "Crizotinib", "Foretinib", "Savolitinib"),
    ),
    "copper ionophore": ("Elesclomol", "Disulfiram", "Clioquinol"),  # doi:10.1126/science.abf0529
    "copper chelator": ("Tetrathiomolybdate", "Trientine", "D-penicillamine"),  # A16AX, M01CC
    "androgen receptor antagonist": ("Enzalutamide", "Bicalutamide", "Apalutamide"),  # L02BB
    "arsenical": ("Arsenic trioxide",),  # L01XX27
    "ferroptosis inducer": ("Erastin", "RSL3", "ML162"),  # doi:10.1016/j.cell.2013.12.010
}


def classes_of(drug: str) -> tuple[str, ...]:
    """Name the classes of a drug; case, punctuation and a dose ("(50 uM)") do not matter."""
    return tuple(name for name, members in _plain_classes().items() if _plain(drug) in members)


@lru_cache(maxsize=1)
def _plain_classes() -> dict[str, frozenset[str]]:
    return {name: frozenset(map(_plain, members)) for name, members in DRUG_CLASSES.items()}


def _plain(drug: str) -> str:
    without_dose = drug.partition("(")[0] or drug
    return "".join(letter for letter in without_dose.casefold() if letter.isalnum())
