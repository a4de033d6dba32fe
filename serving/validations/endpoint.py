"""POST /v1/validations: a bare handler, so that files and JSON come in as for predictions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from starlette.types import Receive, Scope, Send

from models.validation import Validation
from serving.access.callers import Scope as AccessScope
from serving.access.requirement import authorize
from serving.negotiation import choose_media_type
from serving.predictions.body import (
    JSON,
    header_of,
    is_json,
    read_body,
    refuse_query,
    send_body,
)
from serving.request_context import context_of
from serving.strict_json import parse_strict
from serving.strict_route import json_limits
from serving.uploads.upload import read_file_to_validate
from serving.validations.report import (
    read_profiles_to_validate,
    validate_profiles,
    validate_read_file,
)

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.services import Services


@dataclass(frozen=True, slots=True)
class ValidationEndpoint:
    """Answers one request after the other.

    Attributes
    ----------
    services
        The collaborators.
    """

    services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; errors are left to the layers around it."""
        services = self.services
        await authorize(services.access, scope, AccessScope.PREDICT)
        served = services.bundles.require()
        choose_media_type(header_of(scope, b"accept"), (JSON,))
        if is_json(scope):
            refuse_query(scope)
            raw = await read_body(receive)
            validation = await asyncio.to_thread(self._validate_json, raw, served)
        else:
            read, how = await read_file_to_validate(scope, receive, served, services)
            bundle: Any = served.bundle
            validation = await asyncio.to_thread(validate_read_file, read, how.scale, bundle.bundle)
        context = context_of(scope)
        context.bundle_version, context.bundle_sha256 = served.version, served.sha256
        context.profiles = validation.report.n_samples
        await send_body(send, orjson.dumps(validation.to_json()), JSON)

    def _validate_json(self, raw: bytes, served: ServedBundle) -> Validation:
        settings = self.services.settings
        document = parse_strict(raw, limits=json_limits(settings))
        profiles, scale = read_profiles_to_validate(document, settings)
        bundle: Any = served.bundle
        return validate_profiles(profiles, scale, bundle.bundle)
