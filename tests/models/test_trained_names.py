from features.symbols import GeneRecord, SymbolTable
from models.trained_names import renamed_as_trained

TABLE = SymbolTable(
    [
        GeneRecord("DNM1L", aliases=("DRP1",)),
        GeneRecord("FDX1"),
        GeneRecord("ONE", previous=("SHARED",)),
        GeneRecord("TWO", previous=("SHARED",)),
    ],
    name="test",
)
UNIVERSE = ("DNM1L", "FDX1", "LATE")


def test_another_name_becomes_the_trained_one():
    assert renamed_as_trained(["DRP1", "FDX1", "LATE"], UNIVERSE, TABLE) == {"DRP1": "DNM1L"}


def test_a_name_that_is_taken_is_not_given_again():
    assert renamed_as_trained(["DRP1", "DNM1L"], UNIVERSE, TABLE) == {}


def test_names_that_are_unknown_or_fit_several_genes_stay():
    assert renamed_as_trained(["SHARED", "NOTHING"], UNIVERSE, TABLE) == {}
