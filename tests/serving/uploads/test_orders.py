import json
from dataclasses import asdict

from features.expression import ReadingReport
from features.symbols import SymbolTable
from serving.uploads.failures import from_texts, to_texts
from serving.uploads.orders import GeneNames, report_of


def test_names_of_genes_mean_the_same_in_another_process():
    names = GeneNames(SymbolTable.panel(), ("FDX1",), ("FDX1", "DNM1L"))
    other = GeneNames.from_bytes(names.to_bytes())
    asked = ["DRP1", "DNM1L", "fdx1", "ADX", "no gene", "MARCH5", "C12orf5"]
    one, two = (
        table.resolve_all(asked, "symbol", wanted=(), on_ambiguous="drop")
        for table in (names.symbols, other.symbols)
    )
    assert one == two
    assert other.symbols.name == names.symbols.name
    assert (tuple(other.required), tuple(other.universe)) == (names.required, names.universe)


def test_a_report_is_the_same_in_another_process():
    report = ReadingReport(
        "csv", "genes_by_samples", "comma", "symbol", 2, 3, 2, ("a", "b"), {"DRP1": "DNM1L"},
        ("x",), {"y": ("A", "B")}, {"FDX1": 2},
    )  # fmt: skip
    assert report_of(json.loads(json.dumps(asdict(report)))) == report


def test_every_error_of_reading_is_the_same_in_another_process():
    from features import errors as features_errors
    from features.errors import CupromarkError
    from models import errors as models_errors

    for module in (features_errors, models_errors):
        for family in vars(module).values():
            if isinstance(family, type) and issubclass(family, CupromarkError):
                error = family("found", needed="needed", remedy="remedy")
                other = from_texts(to_texts(error))
                assert type(other) is family
                assert other.args == error.args
