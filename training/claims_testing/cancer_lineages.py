"""Which lineages of a cohort stand for the cancers that a claim names.

Cell-line cohorts carry the tissues of OncoTree (https://oncotree.mskcc.org) as Model.csv gives
them; patients, and GDSC without Model.csv, carry the study abbreviations of TCGA
(https://gdc.cancer.gov/resources-tcga-users/tcga-code-tables/tcga-study-abbreviations). A lineage
is often wider than the cancer: "Lung" holds small-cell lines beside the others, "Lymphoid"
lymphoma beside leukaemia.
"""

from __future__ import annotations

from collections.abc import Iterable

OVARY = ("Ovary/Fallopian Tube", "OV")
LUNG = ("Lung", "LUAD", "LUSC", "SCLC")
LIVER = ("Liver", "LIHC")
BOWEL = ("Bowel", "COAD", "READ", "COREAD", "COAD/READ")
BREAST = ("Breast", "BRCA")
CERVIX = ("Cervix", "CESC")
PROSTATE = ("Prostate", "PRAD")
KIDNEY = ("Kidney", "KIRC")
BRAIN = ("CNS/Brain", "GBM", "LGG")
HEAD_AND_NECK = ("Head and Neck", "HNSC")
THYROID = ("Thyroid", "THCA")
PLEURA = ("Pleura", "MESO")
STOMACH_AND_OESOPHAGUS = ("Esophagus/Stomach",)
MYELOID = ("Myeloid", "LAML", "LCML")
LYMPHOID = ("Lymphoid", "ALL", "CLL")

CANCER_LINEAGES: dict[str, tuple[str, ...]] = {
    "ovarian cancer": OVARY,
    "high-grade serous ovarian carcinoma": OVARY,
    "lung cancer": LUNG,
    "non-small cell lung cancer": ("Lung", "LUAD", "LUSC"),
    "lung adenocarcinoma": ("Lung", "LUAD"),
    "small cell lung cancer": ("Lung", "SCLC"),
    "liver cancer": LIVER,
    "hepatocellular carcinoma": LIVER,
    "cholangiocarcinoma": ("Biliary Tract", "CHOL"),
    "colorectal cancer": BOWEL,
    "breast cancer": BREAST,
    "triple-negative breast cancer": BREAST,
    "cervical cancer": CERVIX,
    "endometrial cancer": ("Uterus", "UCEC"),
    "prostate cancer": PROSTATE,
    "kidney cancer": KIDNEY,
    "clear cell renal cell carcinoma": KIDNEY,
    "kidney renal clear cell carcinoma": KIDNEY,
    "urothelial cancer": ("Bladder/Urinary Tract", "BLCA"),
    "brain tumour": BRAIN,
    "glioma": BRAIN,
    "glioblastoma": BRAIN,
    "diffuse intrinsic pontine glioma": BRAIN,
    "neuroblastoma": ("Peripheral Nervous System", "NB"),
    "head and neck squamous cell carcinoma": HEAD_AND_NECK,
    "nasopharyngeal carcinoma": HEAD_AND_NECK,
    "oral squamous cell carcinoma": HEAD_AND_NECK,
    "tongue squamous cell carcinoma": HEAD_AND_NECK,
    "thyroid cancer": THYROID,
    "mesothelioma": PLEURA,
    "gastric cancer": (*STOMACH_AND_OESOPHAGUS, "STAD"),
    "oesophageal squamous cell carcinoma": (*STOMACH_AND_OESOPHAGUS, "ESCA"),
    "pancreatic cancer": ("Pancreas", "PAAD"),
    "osteosarcoma": ("Bone",),
    "melanoma": ("Skin", "SKCM"),
    "leukaemia": (*MYELOID, *LYMPHOID),
    "acute myeloid leukaemia": ("Myeloid", "LAML"),
    "T-cell acute lymphoblastic leukaemia": ("Lymphoid", "ALL"),
}


def lineages_of(cancers: Iterable[str], available: Iterable[str]) -> tuple[str, ...]:
    """Lineages among the available ones that stand for the cancers, sorted."""
    wanted = {lineage for cancer in cancers for lineage in CANCER_LINEAGES.get(cancer, (cancer,))}
    return tuple(sorted(wanted & set(available)))
