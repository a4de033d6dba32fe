"""Drugs: one name each, whatever its spelling, and one screen each, whatever was run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import pandas as pd

from training.catalogue import DrugAlias, load_catalogue
from training.errors import CatalogueError
from training.response import RawResponse, Response


def drug_key(name: str, aliases: Iterable[DrugAlias] | None = None) -> str:
    """Reduce a drug's name to upper-case letters and digits, aliases resolved.

    Two names with the same key are one drug. The aliases are those of the catalogue by default.
    """
    known = load_catalogue().drug_aliases if aliases is None else aliases
    plain = _plain(name)
    for alias in known:
        if plain == _plain(alias.name):
            return _plain(alias.canonical)
    return plain


def match_drugs(requested: Iterable[str], available: Sequence[str]) -> list[str]:
    """Available names of the drugs asked for, in the order asked for, each once.

    Case, punctuation and the aliases of the catalogue do not matter.

    Raises
    ------
    CatalogueError
        A drug is not available; the close matches are named.
    """
    by_key = {drug_key(name): name for name in available}
    asked = list(requested)
    unknown = [name for name in asked if drug_key(name) not in by_key]
    if unknown:
        raise CatalogueError(
            f"Not among the {len(by_key)} drugs: {', '.join(map(_quoted, unknown))}.",
            needed="names of drugs that the cohort or the bundle holds.",
            remedy=" ".join(_suggest(name, by_key) for name in unknown),
        )
    return list(dict.fromkeys(by_key[drug_key(name)] for name in asked))


def merge_screens(raw: RawResponse, aliases: Iterable[DrugAlias] | None = None) -> Response:
    """One column a drug: of several screens of a drug, the one that measured most samples.

    Screens are kept apart by their id until here, and never averaged: GDSC ran the second screen of
    a drug over another range of concentrations (docetaxel up to 0.0125 µM and up to 3 µM), with
    medians that differ by up to 2.4 ln units and correlations from 0.56 to 0.93. Averaging, or
    filling one screen's gaps from the other, would write into the response which line was in which
    screen. The count is over every sample of the response file, so the choice does not depend on
    which of them join; of two screens that are even the smaller id is taken.
    """
    known = tuple(load_catalogue().drug_aliases if aliases is None else aliases)
    screens = raw.screens.assign(
        key=[drug_key(name, known) for name in raw.screens["name"]],
        n_measured=raw.values.notna().sum().reindex(raw.screens.index),
    )
    chosen, rows = {}, []
    for key, group in screens.groupby("key", sort=False):
        order = group.sort_values(["n_measured", "order"], ascending=[False, True])
        name = _canonical(str(key), order["name"])
        chosen[name] = order.index[0]
        rows.append(_drug_row(name, order))
    drugs = pd.DataFrame(rows).set_index("drug").sort_index()
    values = raw.values[[chosen[name] for name in drugs.index]]
    ranges = raw.screens.loc[
        [chosen[name] for name in drugs.index], ["minimum_ln_um", "maximum_ln_um"]
    ]
    return Response(
        values=values.set_axis(drugs.index, axis=1),
        kind=raw.kind,
        tested_range=ranges.set_axis(drugs.index, axis=0),
        drugs=drugs,
    )


def describe_merging(response: Response) -> str | None:
    """Sentence that names the drugs with several screens; None when there are none."""
    several = response.drugs[response.drugs["drug_ids"].map(len) > 1]
    if several.empty:
        return None
    parts = [
        f"{drug} ({' and '.join(ids)}: {screen})"
        for drug, ids, screen in zip(
            several.index, several["drug_ids"], several["screen"], strict=True
        )
    ]
    return (
        f"{len(parts)} drugs were screened more than once; the screen with most samples stands for "
        f"each: {', '.join(parts)}."
    )


def _plain(name: str) -> str:
    # Primes of signs matter: JQ1-(+) and Nutlin-3a (-) have no counterpart of the other sign.
    return re.sub(r"[^A-Z0-9]", "", name.upper()) or name.strip().upper()


def _canonical(key: str, names: pd.Series[str]) -> str:
    """Choose the publisher's spelling; one that is no alias, where there is any."""
    return next((str(name) for name in names if _plain(str(name)) == key), str(names.iloc[0]))


def _drug_row(name: str, order: pd.DataFrame) -> dict[str, object]:
    targets = [str(target) for target in order["target"] if pd.notna(target)]
    return {
        "drug": name,
        "screen": str(order.index[0]),
        "drug_ids": tuple(str(screen) for screen in order.index),
        "names": tuple(dict.fromkeys(str(other) for other in order["name"])),
        "target": targets[0] if targets else None,
    }


def _quoted(name: str) -> str:
    return repr(name)


def _suggest(name: str, by_key: dict[str, str]) -> str:
    close = difflib.get_close_matches(drug_key(name), by_key, n=3, cutoff=0.6)
    if close:
        return f"For {name!r}, did you mean {', '.join(by_key[key] for key in close)}?"
    return f"Nothing is close to {name!r}; list the drugs and choose one."
