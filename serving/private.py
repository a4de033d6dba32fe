"""Answers that are for one caller: nobody on the way stores them."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response

PRIVATE = {"Cache-Control": "private, no-store"}


def private_json(content: Any) -> Response:
    """Answer with JSON for one caller."""
    return Response(orjson.dumps(content), headers=PRIVATE, media_type="application/json")
