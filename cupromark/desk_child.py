"""`python -m cupromark.desk_child`: puts a version at the review desk, and dies with its worker.

One order, a line of JSON, comes on standard input; the answer is one on standard output: `done`,
`away` and `failed`, each with a sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.jobs.child import die_with


def main() -> None:
    """Do what is ordered."""
    die_with(int(sys.argv[1]))
    order = json.loads(sys.stdin.readline())
    print(json.dumps(_answer(order)), flush=True)  # noqa: T201 - the worker reads it


def _answer(order: Mapping[str, Any]) -> dict[str, str]:
    from cupromark.review_desk import put_at_desk
    from cupromark.stores import open_store
    from features.errors import CupromarkError
    from models.errors import StoreAwayError
    from serving.database.errors import DatabaseAwayError

    try:
        bundle = open_store(order["store"]).load(order["version"])
        at_desk = put_at_desk(bundle, address=order["address"], state=Path(order["state"]))
    except (DatabaseAwayError, StoreAwayError) as error:
        return {"away": error.found}
    except CupromarkError as error:
        return {"failed": str(error)}
    before = "" if at_desk.stored else " They were at the desk already, and stay as they are."
    return {"done": f"{bundle.name}, {at_desk.n_drugs:,} drugs: {at_desk.kinds}.{before}"}


if __name__ == "__main__":
    main()
