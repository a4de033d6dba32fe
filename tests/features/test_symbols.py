"""Gene identifiers: the examples of the issue, ambiguity, mixed types and Excel damage."""

from __future__ import annotations

import csv
import gzip
import re
import time
from pathlib import Path

import pytest

from features.errors import AmbiguousSymbolError, ExcelDamageError, FormatError, GeneIdError
from features.expression import IdType
from features.gene_sets import load_gene_sets
from features.symbols import (
    GeneRecord,
    SymbolTable,
    detect_id_type,
    load_curated_aliases,
    refuse_excel_damage,
)

SYMBOLS = ["FDX1", "LIAS", "DLAT", "SLC31A1", "HLA-A", "C1orf112", "MT-CO1", "NA", "TP53"]
OLD_NAMES = [
    ("DRP1", "DNM1L"),
    ("CTR1", "SLC31A1"),
    ("hCtr1", "SLC31A1"),
    ("p32", "C1QBP"),
    ("PARK2", "PRKN"),
    ("Parkin", "PRKN"),
    ("MLL", "KMT2A"),
    ("P-gp", "ABCB1"),
    ("BCRP", "ABCG2"),
    ("NRF2", "NFE2L2"),
    ("NOXA", "PMAIP1"),
    ("PUMA", "BBC3"),
    ("Bcl-xL", "BCL2L1"),
    ("REDD1", "DDIT4"),
    ("ASCT2", "SLC1A5"),
    ("APE1", "APEX1"),
    ("mitofilin", "IMMT"),
    ("COX-2", "PTGS2"),
    ("PD-L1", "CD274"),
    ("E-cadherin", "CDH1"),
    ("ATP5A1", "ATP5F1A"),
    ("MRE11A", "MRE11"),
    ("FAM36A", "COX20"),
    ("C12orf62", "COX14"),
]


@pytest.fixture(scope="module")
def hgnc(shared_data: Path) -> SymbolTable:
    return SymbolTable.from_hgnc(shared_data / "hgnc" / "hgnc_complete_set.txt.gz")


@pytest.fixture
def small() -> SymbolTable:
    """ONE was called OLD, as TWO is by some; SAME is an alias of ONE and THREE."""
    return SymbolTable.from_records(
        [
            GeneRecord("ONE", "1", "ENSG00000000001", previous=("OLD",), aliases=("SAME",)),
            GeneRecord("TWO", "2", "ENSG00000000002", aliases=("OLD", "three")),
            GeneRecord("THREE", "3", "ENSG00000000003", aliases=("SAME", "ONE")),
            GeneRecord("NA", "4", None, previous=("NULL",)),
        ]
    )


@pytest.mark.parametrize(("old", "approved"), OLD_NAMES)
def test_names_of_the_reviews_resolve_without_hgnc(old: str, approved: str) -> None:
    assert SymbolTable.panel().resolve(old) == approved


def test_names_of_the_reviews_resolve_the_same_with_hgnc(hgnc: SymbolTable) -> None:
    # HGNC alone calls CTR1 an alias of CCDC174 too, p32 one of CD8A: ours win.
    assert {old: hgnc.resolve(old) for old, _ in OLD_NAMES} == dict(OLD_NAMES)


@pytest.mark.parametrize(
    ("gene_id", "symbol"),
    [
        ("ONE", "ONE"),  # approved before alias of THREE
        ("THREE", "THREE"),
        ("three", "TWO"),  # as it is written, before case is disregarded
        ("Three", "THREE"),
        ("OLD", "ONE"),  # previous before alias
        ("old", "ONE"),
        ("NULL", "NA"),
        ("NA", "NA"),
        ("NOBODY", None),
    ],
)
def test_levels_of_resolution(small: SymbolTable, gene_id: str, symbol: str | None) -> None:
    assert small.resolve(gene_id) == symbol


@pytest.mark.parametrize(
    ("gene_id", "id_type"),
    [
        ("207", "entrez"),
        ("207_at", "entrez_at"),
        ("LOC207_at", "entrez_at"),
        ("ENSG00000142208", "ensembl"),
        ("ENSG00000142208.15", "ensembl"),
        ("AKT1 (207)", "symbol_entrez"),
        ("WRONG (207)", "symbol_entrez"),
        ("AKT1 (999999999)", "symbol_entrez"),
        ("AKT1 (ENSG00000142208)", "symbol_entrez"),
    ],
)
def test_every_type_of_id_finds_its_gene(hgnc: SymbolTable, gene_id: str, id_type: IdType) -> None:
    assert detect_id_type([gene_id]) == id_type
    assert hgnc.resolve(gene_id, id_type) == "AKT1"


def test_ambiguous_alias_lists_the_candidates(small: SymbolTable) -> None:
    with pytest.raises(AmbiguousSymbolError, match=r"SAME \(ONE, THREE\)"):
        small.resolve("SAME")


def test_ambiguous_id_matters_only_where_a_wanted_gene_hangs_on_it(small: SymbolTable) -> None:
    ids = ["SAME", "ONE", "TWO"]
    for wanted in (["ONE"], ["TWO"], []):
        resolution = small.resolve_all(ids, "symbol", wanted=wanted)
        assert resolution.symbols == (None, "ONE", "TWO")
        assert resolution.ambiguous == {"SAME": ("ONE", "THREE")}
    for wanted_or_all in (["THREE"], None):
        with pytest.raises(AmbiguousSymbolError, match="SAME"):
            small.resolve_all(ids, "symbol", wanted=wanted_or_all)
    dropped = small.resolve_all(ids, "symbol", on_ambiguous="drop")
    assert dropped.ambiguous == {"SAME": ("ONE", "THREE")}


def test_ambiguity_known_from_hgnc(hgnc: SymbolTable) -> None:
    with pytest.raises(AmbiguousSymbolError, match="MT-CO2, PTGS2"):
        hgnc.resolve("COX2")


def test_resolution_says_what_became_of_each_id(small: SymbolTable) -> None:
    resolution = small.resolve_all(["OLD", "NOBODY", "TWO", "OLD"], "symbol")
    assert resolution.symbols == ("ONE", None, "TWO", "ONE")
    assert resolution.renamed == {"OLD": "ONE"}
    assert resolution.unknown == ("NOBODY",)
    assert resolution.ambiguous == {}


def test_table_without_ids_says_so() -> None:
    with pytest.raises(GeneIdError, match=r"'entrez'.*HGNC"):
        SymbolTable.panel().resolve_all(["207"], "entrez")
    with pytest.raises(GeneIdError, match="platform map"):
        SymbolTable.panel().resolve("1007_s_at", "probe")


def test_records_freeze_and_give_the_same_answers(hgnc: SymbolTable) -> None:
    panel = load_gene_sets().gene_panel
    frozen = SymbolTable.from_records(hgnc.records_of([*panel, "UNHEARDOF1"]))
    for gene_id in ("DRP1", "MLL", "C12orf62", "KMT2A"):
        assert frozen.resolve(gene_id) == hgnc.resolve(gene_id)
    assert frozen.resolve("207_at", "entrez_at") == "AKT1"
    assert frozen.resolve("UNHEARDOF1") == "UNHEARDOF1"
    assert frozen.name == "bundle"


def test_curated_aliases_take_no_other_genes_symbol(shared_data: Path) -> None:
    # Nor one that was its symbol: a column of 2012 called RAGE holds MOK, not AGER.
    with gzip.open(shared_data / "hgnc" / "hgnc_complete_set.txt.gz", "rt") as table:
        rows = [r for r in csv.DictReader(table, delimiter="\t") if r["status"] == "Approved"]
    owners: dict[str, set[str]] = {}
    for row in rows:
        for name in (row["symbol"], *row["prev_symbol"].split("|")):
            owners.setdefault(name.upper(), set()).add(row["symbol"])
    for alias, symbol in load_curated_aliases().items():
        assert owners.get(alias.upper(), {symbol}) == {symbol}, alias


def test_curated_aliases_are_of_the_panel_and_unique_without_case() -> None:
    aliases = load_curated_aliases()
    assert set(aliases.values()) <= set(load_gene_sets().gene_panel)
    by_upper: dict[str, set[str]] = {}
    for alias, symbol in aliases.items():
        by_upper.setdefault(alias.upper(), set()).add(symbol)
    assert all(len(symbols) == 1 for symbols in by_upper.values())


def test_hgnc_is_read_fast_and_whole(shared_data: Path) -> None:
    start = time.process_time()  # what others do on this machine does not count
    table = SymbolTable.from_hgnc(shared_data / "hgnc" / "hgnc_complete_set.txt.gz")
    assert time.process_time() - start < 5  # 0.3 s on an idle core
    assert table.name == "hgnc 2024-10-18"
    assert len(table) > 43_000


def test_hgnc_withdrawn_records_and_genes_called_na(tmp_path: Path) -> None:
    header = "symbol\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\n"
    path = tmp_path / "hgnc.txt"
    path.write_text(f'{header}NA\tApproved\t"nan|N/A"\t\t5\t\nGONE\tEntry Withdrawn\t\t\t6\t\n')
    table = SymbolTable.from_hgnc(path)
    assert [table.resolve(i) for i in ("NA", "nan", "N/A", "GONE")] == ["NA", "NA", "NA", None]
    assert table.resolve("5", "entrez") == "NA"
    assert table.records_of(["NA"])[0].ensembl is None
    assert table.name == "hgnc"


@pytest.mark.parametrize(
    "text", ["", "<html>\n<body>404</body>\n", "symbol\tstatus\nA\tApproved\n"]
)
def test_what_is_not_the_hgnc_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "hgnc.txt").write_text(text)
    with pytest.raises(FormatError, match=r"hgnc\.txt cannot be read as the HGNC table"):
        SymbolTable.from_hgnc(tmp_path / "hgnc.txt")
    with pytest.raises(FormatError, match=r"none\.txt"):
        SymbolTable.from_hgnc(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("gene_ids", "id_type"),
    [
        (SYMBOLS, "symbol"),
        (["", *SYMBOLS, " "], "symbol"),
        (["207", "2230"], "entrez"),
        (["207_at", "2230_at", "AFFX-BioB-3_at"], "entrez_at"),
        (["1007_s_at", "1053_at", "AFFX-BioB-3_at"], "probe"),
        (["ILMN_1762337"], "probe"),
        (["ENSG00000142208.15", "ENSG00000137714"], "ensembl"),
        (["AKT1 (207)", "FDX1 (2230)"], "symbol_entrez"),
        ([f"GENE{n}" for n in range(200)] + ["100130426", "ENSG00000249352"], "symbol"),
    ],
)
def test_type_of_ids_is_detected(gene_ids: list[str], id_type: IdType) -> None:
    assert detect_id_type(gene_ids) == id_type


def test_mixed_types_are_refused_with_examples_and_counts() -> None:
    ids = ["FDX1", "LIAS", "ENSG00000142208", "207", "208"]
    with pytest.raises(GeneIdError) as caught:
        detect_id_type(ids)
    for words in ("2 symbol (such as FDX1, LIAS)", "1 ensembl", "2 entrez (such as 207, 208)"):
        assert words in str(caught.value)


def test_no_id_at_all_is_refused() -> None:
    with pytest.raises(GeneIdError, match="No gene identifier"):
        detect_id_type(["", " "])


@pytest.mark.parametrize(
    "damage",
    [
        *("2-Sep", "1-Mar", "02-Sep", "2-SEP", "2-Sep-23", "02-Sep-2023", "Sep-2", "Sep-02"),
        *("Mar-01", "SEP-02", "1-Dec", "4-Oct", "02. Sep", "1. Mrz", "1-Dez", "2023-09-02"),
        *("2023-09-02 00:00:00", "02/09/2023", "9/2/23", "02.09.2023", "9/2", "2.31E+13"),
        *("44075", "44440", "43891", "42613"),  # 1 Sep 2020, 2021; 1 Mar 2020; 1904 calendar
    ],
)
def test_excel_damage_is_refused_with_its_row(damage: str) -> None:
    with pytest.raises(ExcelDamageError, match=rf"row 3: {re.escape(damage)}\."):
        refuse_excel_damage(["FDX1", "LIAS", damage, *SYMBOLS])


def test_every_damaged_row_is_counted() -> None:
    with pytest.raises(ExcelDamageError, match=r"2 gene.*row 1: 1-Mar; row 11: 44075"):
        refuse_excel_damage(["1-Mar", *SYMBOLS, "44075"])


def test_serials_are_seen_beside_entrez_ids_of_nameless_genes() -> None:
    # The TCGA table names some genes by Entrez id; those are not days, 44075 is 1 September 2020.
    with pytest.raises(ExcelDamageError) as caught:
        refuse_excel_damage([*SYMBOLS, "10357", "44075", "100130426"])
    assert "1 gene symbols" in str(caught.value)
    refuse_excel_damage([*SYMBOLS, "10357", "57714", "100130426"])


@pytest.mark.parametrize(
    "gene_ids",
    [
        ["SEPTIN2", "MARCHF1", "SEPT2", "MARCH1", "DEC1", "OCT4", "OCT-4", "NOV", "MAR1", "APR-1"],
        ["44075", "44440", "207"],
        ["1-8D", "2-5A", "HLA-A", "NKX2-1", "ERVK3-1", "H1-2", "7SK", "5-HT3A"],
        ["1007_s_at", "44075_at"],
        ["ENSG00000142208.15"],
    ],
    ids=["symbols like months", "Entrez ids", "symbols with hyphens", "probes", "Ensembl"],
)
def test_what_is_whole_is_let_through(gene_ids: list[str]) -> None:
    refuse_excel_damage(gene_ids)


def test_no_approved_or_former_symbol_passes_for_excel_damage(hgnc: SymbolTable) -> None:
    records = hgnc.records_of(sorted(hgnc))
    names = [r.symbol for r in records] + [name for r in records for name in r.previous]
    refuse_excel_damage(names)
    assert detect_id_type(names) == "symbol"


def test_old_symbols_of_ccle_2012_resolve(hgnc: SymbolTable, shared_data: Path) -> None:
    lines = (shared_data / "ccle" / "CCLE_Expression_Entrez_2012-09-29.gct").read_text()
    rows = [line.split("\t", 2)[:2] for line in lines.splitlines()[3:]]
    by_symbol = hgnc.resolve_all([row[1] for row in rows], "symbol")
    by_entrez = hgnc.resolve_all([row[0] for row in rows], detect_id_type(row[0] for row in rows))
    assert by_symbol.ambiguous == {}
    assert {"ATP5A1": "ATP5F1A", "FAM36A": "COX20"}.items() <= by_symbol.renamed.items()
    both = [p for p in zip(by_symbol.symbols, by_entrez.symbols, strict=True) if None not in p]
    assert len(both) > 940
    # An Entrez id and the symbol beside it name the same gene.
    assert sum(symbol == entrez for symbol, entrez in both) / len(both) > 0.99
    held = set(by_symbol.symbols) & set(load_gene_sets().gene_panel)
    assert len(held) > len(load_gene_sets().gene_panel) / 4


def test_outdated_symbols_of_depmap_resolve(hgnc: SymbolTable, shared_data: Path) -> None:
    with (shared_data / "depmap" / "OmicsExpressionProteinCodingGenesTPMLogp1.csv").open() as file:
        ids = next(csv.reader(file))[1:]
    assert detect_id_type(ids) == "symbol_entrez"
    resolution = hgnc.resolve_all(ids, "symbol_entrez")
    assert resolution.unknown == ()
    expected = {"MLL": "KMT2A", "PARK2": "PRKN", "FAM123B": "AMER1"}
    assert expected.items() <= resolution.renamed.items()
    # Without the numbers in brackets the symbols say the same.
    symbols = [re.sub(r" \(\d+\)", "", gene_id) for gene_id in ids]
    assert hgnc.resolve_all(symbols, "symbol").symbols == resolution.symbols


@pytest.mark.parametrize("platform", ["GPL570", "GPL571", "GPL6244", "GPL96"])
def test_platform_maps_lose_no_panel_gene_to_ambiguity(
    hgnc: SymbolTable, shared_data: Path, platform: str
) -> None:
    rows = (shared_data / "geo" / "platforms" / f"{platform}_probe2symbol.tsv").read_text()
    symbols = [row.split("\t")[1] for row in rows.splitlines()[1:]]
    refuse_excel_damage(symbols)
    panel = load_gene_sets().gene_panel
    held = set(hgnc.resolve_all(symbols, "symbol", wanted=panel).symbols)
    assert len(held & set(panel)) > 0.85 * len(panel)


def test_a_frozen_table_says_nothing_that_the_whole_one_does_not(hgnc: SymbolTable) -> None:
    # AR is a former name of FDXR and a gene of its own; it must not become FDXR without AR.
    panel = set(load_gene_sets().gene_panel)
    frozen = SymbolTable.from_records(hgnc.records_of(sorted(panel)))
    twice = SymbolTable.from_records(frozen.records_of(sorted(panel)))
    assert twice.records_of(sorted(panel)) == frozen.records_of(sorted(panel))
    records = hgnc.records_of(sorted(hgnc))
    names = sorted({n for r in records for n in (r.symbol, *r.previous, *r.aliases)})
    for table in (frozen, twice):
        whole, part = (t.resolve_all(names, "symbol", on_ambiguous="drop") for t in (hgnc, table))
        for name, symbol, found in zip(names, whole.symbols, part.symbols, strict=True):
            assert found == symbol if symbol in panel else found not in panel, name
    with pytest.raises(AmbiguousSymbolError, match=r"CPT1 \(CPT1A, CPT2"):
        frozen.resolve("CPT1")
