"""Files in the OpenAPI file: the form, the raw body, and the options of either."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from features.expression import SCALES
from serving.predictions.question import ALIGNMENTS, DEFAULT_LEVEL, LONGEST_NAME
from serving.uploads.options import FORMATS, ORIENTATIONS
from serving.uploads.received import FILE, MULTIPART, PLATFORM_MAP, RAW_TYPES

NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
BINARY = {"type": "string", "format": "binary"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "scale": {
        "type": "string",
        "enum": [*SCALES],
        "description": "What the values of the file are. Required with a file.",
    },
    "format": {
        "type": "string",
        "enum": [*FORMATS],
        "description": "Left out, the content of the file decides. Text may be gzip or zip.",
    },
    "orientation": {
        "type": "string",
        "enum": [*ORIENTATIONS],
        "description": "For csv, tsv and parquet; left out, the names decide.",
    },
    "drugs": {
        "type": "array",
        "items": NAME,
        "minItems": 1,
        "description": "Names of drugs, in one field parted by commas, or in several. Left out: "
        "every drug that is not withheld.",
    },
    "level": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": DEFAULT_LEVEL,
        "description": "In each class, the fraction of samples whose conformal set holds it.",
    },
    "align": {
        "type": "string",
        "enum": [*ALIGNMENTS],
        "default": "auto",
        "description": "How profiles are brought to the scale of the training cohort.",
    },
    "lineage": {**NAME, "description": "Tissue of origin of all samples."},
    "covariates": {
        "type": "string",
        "description": 'JSON as in a JSON request, such as {"lineage": {"sample 1": "Lung"}}; '
        "instead of `lineage`.",
    },
    "top": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
        "default": 10,
        "description": "How many genes, and how many gene sets, to name of each answer.",
    },
}


def with_files(json_body: dict[str, Any], options: Collection[str]) -> dict[str, Any]:
    """Describe a route that takes JSON, a form with a file, or a file as the body.

    Parameters
    ----------
    json_body
        The JSON body, as `serving.predictions.request_body` describes it.
    options
        Names of what may be said beside a file.
    """
    named = {name: schema for name, schema in SCHEMAS.items() if name in options}
    raw = {media_type: {"schema": BINARY} for media_type in RAW_TYPES}
    body = {
        **json_body,
        "description": "Profiles as JSON; or a file in a form, with its options as fields; or a "
        "file as it is, with its options in the query.",
        "content": {**json_body["content"], MULTIPART: _form(named), **raw},
    }
    return {"requestBody": body, "parameters": [_parameter(*each) for each in named.items()]}


def _form(named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    described = "Table of probes and symbols, for files by probe."
    return {
        "schema": {
            "type": "object",
            "required": [FILE, "scale"],
            "properties": {FILE: BINARY, PLATFORM_MAP: {**BINARY, "description": described}}
            | named,
            "additionalProperties": False,
        }
    }


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in schema.items() if key != "description"}
    said = f"With a file as the body: {schema['description']}"
    return {"name": name, "in": "query", "required": False, "schema": bare, "description": said}
