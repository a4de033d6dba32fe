"""A request of the Open Inference Protocol: tensors in, a question out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving.errors import InvalidField, MalformedBodyError, RequestTooLargeError
from serving.inference.tensors import Tensor, read_tensor
from serving.inference.v2_outputs import OUTPUTS
from serving.inference.v2_question import INPUTS, question_of
from serving.predictions.fields import invalid
from serving.predictions.profiles import LONGEST_NAME
from serving.predictions.question import Question
from serving.strict_json import parse_strict
from serving.strict_route import json_limits

if TYPE_CHECKING:
    from serving.settings import ServingSettings

FIELDS = frozenset({"id", "parameters", "inputs", "outputs"})
BINARY_SIZE, BINARY_OUTPUT = "binary_data_size", "binary_data_output"
MOST_INPUTS = 20


@dataclass(frozen=True, slots=True)
class InferRequest:
    """What is asked.

    Attributes
    ----------
    request_id
        Sent back as it is; None where there was none.
    question
        For the bundle.
    outputs
        Names of the outputs wanted, and whether each is to come as binary data.
    """

    request_id: str | None
    question: Question
    outputs: Mapping[str, bool]


def read_infer_request(
    body: bytes, header_length: str | None, settings: ServingSettings
) -> InferRequest:
    """Read a request.

    Parameters
    ----------
    body
        JSON, and behind it the binary data of tensors.
    header_length
        Value of Inference-Header-Content-Length: bytes of the JSON; None where that is all.
    settings
        Limits.

    Raises
    ------
    MalformedJsonError, MalformedBodyError
        The JSON is not strict JSON, or the lengths do not fit the body.
    InvalidRequestError
        A place is missing, unknown or wrong.
    RequestTooLargeError
        Larger than a limit.
    """
    raw_json, binary = _split(body, header_length)
    if len(raw_json) > settings.max_decompressed_bytes:
        raise RequestTooLargeError(
            f"JSON of {len(raw_json):,} bytes.",
            needed=f"at most {settings.max_decompressed_bytes:,} bytes.",
            remedy="send the tensors as binary data, or in several requests.",
        )
    document = parse_strict(raw_json, limits=json_limits(settings))
    if not isinstance(document, dict):
        raise invalid(InvalidField("", "must be an object"))
    wrong = [InvalidField(f"/{key}", "is no field here") for key in document if key not in FIELDS]
    request_id = document.get("id")
    if request_id is not None and (type(request_id) is not str or len(request_id) > LONGEST_NAME):
        wrong.append(InvalidField("/id", f"must be a text of at most {LONGEST_NAME} characters"))
    tensors = _tensors(document.get("inputs"), binary, wrong)
    parameters = _object(document.get("parameters"), "/parameters", wrong)
    outputs = _outputs(document.get("outputs"), parameters, wrong)
    question = question_of(tensors, parameters, settings, wrong)
    if wrong or question is None:
        raise invalid(*wrong)
    return InferRequest(request_id, question, outputs)


def _split(body: bytes, header_length: str | None) -> tuple[bytes, bytes]:
    if header_length is None:
        return body, b""
    is_number = header_length.isascii() and header_length.isdigit() and len(header_length) < 19
    length = int(header_length) if is_number else -1
    if not 0 < length <= len(body):
        raise MalformedBodyError(
            "Inference-Header-Content-Length does not fit the body.",
            needed="the length of the JSON at the beginning of the body, in bytes.",
            remedy="leave the header out where the body is JSON alone.",
        )
    return body[:length], body[length:]


def _tensors(inputs: object, binary: bytes, wrong: list[InvalidField]) -> dict[str, Tensor]:
    """Read the inputs, each with its share of the binary data, which follow in their order."""
    if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST_INPUTS:
        wrong.append(InvalidField("/inputs", f"must be a list of 1 to {MOST_INPUTS} tensors"))
        return {}
    tensors: dict[str, Tensor] = {}
    start = 0
    for at, described in enumerate(inputs):
        size = _binary_size(described)
        raw = None if size is None else binary[start : start + size]
        start += size or 0
        tensor = read_tensor(described, raw, f"/inputs/{at}", wrong)
        if tensor is None:
            continue
        if tensor.name not in INPUTS or tensor.name in tensors:
            known = ", ".join(INPUTS)
            wrong.append(InvalidField(f"/inputs/{at}/name", f"must be one of {known}, each once"))
        tensors[tensor.name] = tensor
    if start != len(binary):
        wrong.append(InvalidField("/inputs", f"must describe all binary data by {BINARY_SIZE}"))
    return tensors


def _binary_size(described: object) -> int | None:
    parameters = described.get("parameters") if isinstance(described, dict) else None
    size = parameters.get(BINARY_SIZE) if isinstance(parameters, dict) else None
    return size if type(size) is int and size >= 0 else None


def _outputs(
    outputs: object, parameters: Mapping[str, Any], wrong: list[InvalidField]
) -> dict[str, bool]:
    """Names of the outputs wanted, all by default, and whether each comes as binary data."""
    all_binary = parameters.get(BINARY_OUTPUT) is True
    if outputs is None or outputs == []:
        return dict.fromkeys(OUTPUTS, all_binary)
    if not isinstance(outputs, list) or len(outputs) > len(OUTPUTS):
        wrong.append(InvalidField("/outputs", "must be a list of outputs, each once"))
        return {}
    wanted: dict[str, bool] = {}
    for at, output in enumerate(outputs):
        name = output.get("name") if isinstance(output, dict) else None
        if type(name) is not str or name not in OUTPUTS:
            known = ", ".join(OUTPUTS)
            wrong.append(InvalidField(f"/outputs/{at}/name", f"must be one of {known}"))
            continue
        own = _object(output.get("parameters"), f"/outputs/{at}/parameters", wrong)
        wanted[name] = own.get("binary_data", all_binary) is True
    return wanted


def _object(given: object, at: str, wrong: list[InvalidField]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        wrong.append(InvalidField(at, "must be an object"))
        return {}
    return given
