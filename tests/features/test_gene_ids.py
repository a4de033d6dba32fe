"""Gene identifiers: of which species they are."""

import pytest

from features.errors import GeneIdError
from features.gene_ids import refuse_mouse_symbols


def test_mouse_symbols_are_refused_with_examples() -> None:
    with pytest.raises(GeneIdError, match=r"3 of 4 gene symbols .*mouse.*Fdx1, Dnm1l, Opa1"):
        refuse_mouse_symbols(["Fdx1", "Dnm1l", "Opa1", "H19"])


@pytest.mark.parametrize("symbol", ["FDX1", "C1orf112", "HLA-B", "p32", "hCtr1", "MT-CO1"])
def test_human_symbols_and_aliases_are_not_taken_for_mouse(symbol: str) -> None:
    refuse_mouse_symbols([symbol] * 3)
