"""Gene sets in GMT files: a set a line, tab-separated: name, description, genes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from features.errors import GeneSetError
from features.gene_sets import GeneSet, GeneSetCollection, GeneSetMember
from features.symbols import SymbolTable


def read_gmt(path: Path | str, *, symbols: SymbolTable | None = None) -> GeneSetCollection:
    """Read the gene sets of a GMT file; only tabs separate, so a description may hold blanks.

    Parameters
    ----------
    symbols
        Where given, symbols are resolved with it (DRP1 to DNM1L); those it does not hold stay as
        they are, and two names of one gene count once.

    Returns
    -------
    GeneSetCollection
        Sets of the group "user", without directions and balances; the source of every gene is
        the file and the line.

    Raises
    ------
    GeneSetError
        A line that is not one of a GMT file, with its number, or a set or gene that comes twice.
    AmbiguousSymbolError
        A symbol that fits several genes.
    """
    path = Path(path)
    lines = _read_lines(path)
    gene_sets = [
        _read_line(line, number, path.name, symbols)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not gene_sets:
        raise GeneSetError(
            f"{path.name} holds no gene set.",
            needed="at least one line: name, description, genes, separated by tabs.",
            remedy="Check that it is the file that was meant.",
        )
    return GeneSetCollection(gene_sets)


def write_gmt(collection: GeneSetCollection, path: Path | str) -> None:
    """Write gene sets as GMT: names, descriptions and genes; sources and directions are not kept.

    Raises
    ------
    GeneSetError
        A name, description or symbol that holds a tab or a line break.
    """
    lines = []
    for gene_set in collection.values():
        cells = (gene_set.name, gene_set.description, *gene_set.genes)
        _refuse_separators(gene_set.name, cells)
        lines.append("\t".join(cells))
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _read_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GeneSetError(
            f"{path.name} cannot be read: {error}.",
            needed="a GMT file: text in UTF-8.",
            remedy="Check the path, and that the file is neither compressed nor a spreadsheet.",
        ) from error
    return text.replace("\r\n", "\n").split("\n")


def _read_line(line: str, number: int, file: str, symbols: SymbolTable | None) -> GeneSet:
    name, *rest = (cell.strip() for cell in line.rstrip("\t ").split("\t"))
    if not name or len(rest) < 2:
        raise _malformed(f"{len(rest) + 1} tab-separated cells: {line[:60]!r}", number, file)
    description, *genes = rest
    if not all(genes):
        raise _malformed(f"an empty cell among the genes of {name!r}", number, file)
    repeated = sorted(gene for gene, count in Counter(genes).items() if count > 1)
    if repeated:
        raise _malformed(f"{', '.join(repeated)} twice in {name!r}", number, file)
    if symbols is not None:
        genes = list(dict.fromkeys(symbols.resolve(gene) or gene for gene in genes))
    source = f"{file}, line {number}"
    members = tuple(GeneSetMember(gene, source) for gene in genes)
    return GeneSet(name, title=name, description=description, group="user", members=members)


def _malformed(found: str, number: int, file: str) -> GeneSetError:
    return GeneSetError(
        f"Line {number} of {file} holds {found}.",
        needed="a name, a description and at least one gene, each gene once, separated by tabs.",
        remedy="Mend the line; blanks do not separate, and a description may be empty.",
    )


def _refuse_separators(name: str, cells: tuple[str, ...]) -> None:
    broken = [cell for cell in cells if any(sign in cell for sign in "\t\n\r")]
    if broken:
        raise GeneSetError(
            f"The gene set {name!r} holds a tab or a line break in {broken[0]!r}.",
            needed="text without tabs and line breaks, which separate in a GMT file.",
            remedy="Take them out of the name, the description or the symbol.",
        )
