"""The kinds of problems that the service answers with, each with a page that explains it.

A slug never changes its meaning: programs compare the `type` of an answer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem.

    Attributes
    ----------
    slug
        Last part of the address /problems/{slug}.
    status
        HTTP status.
    title
        Short, the same for every occurrence.
    cause
        When the service answers with it.
    remedy
        What a caller does about it.
    """

    slug: str
    status: int
    title: str
    cause: str
    remedy: str

    @property
    def uri(self) -> str:
        """What stands in `type`."""
        return f"/problems/{self.slug}"


READ_THE_API = "Compare the request with /openapi.json, or with the page at /docs."

_TYPES = (
    ProblemType(
        "bad-request", 400, "The request cannot be read",
        "The request breaks a rule of HTTP or of this route.", READ_THE_API,
    ),
    ProblemType(
        "malformed-json", 400, "The body is not strict JSON",
        "The body is not JSON by RFC 8259, or could be read in two ways: NaN or Infinity, a "
        "number beyond a double, a name twice in one object, a lone surrogate, a byte order mark, "
        "bytes that are not UTF-8, or nesting that is too deep.",
        "Write the body with a JSON library in UTF-8. A missing value is a gene that is left out, "
        "never NaN.",
    ),
    ProblemType(
        "malformed-body", 400, "The body cannot be decoded",
        "The body does not hold what its Content-Encoding or Content-Length says, or ended early.",
        "Send the body without a Content-Encoding, or compress it with a gzip or br library.",
    ),
    ProblemType(
        "unauthenticated", 401, "An API key is needed",
        "No API key came with the request, or one that is unknown, expired or revoked.",
        "Send `Authorization: Bearer <key>`. Whoever runs the service makes a key with `cupromark "
        "keys create`.",
    ),
    ProblemType(
        "forbidden", 403, "The API key does not allow this",
        "The key is valid, but has not the scope that this route needs.",
        "Use a key with that scope, or ask whoever runs the service for one.",
    ),
    ProblemType(
        "cross-site", 403, "The request does not come from a page of this service",
        "A browser sent it with the cookie of a login, but from a page of another site, or without "
        "the token (X-CSRF-Token) that the pages of that login show. Nothing was changed.",
        "Load the page again and try once more. Programs send an API key, which needs no token.",
    ),
    ProblemType(
        "not-found", 404, "There is no such thing",
        "The address, or something that the request names (a drug, a bundle, a key), does not "
        "exist.",
        "Look at /openapi.json for the addresses, and at /v1/drugs and /v1/bundles for the names.",
    ),
    ProblemType(
        "method-not-allowed", 405, "The method is not allowed here",
        "The address exists, but not for this method; the header Allow names those that are.",
        "Use one of the methods in Allow.",
    ),
    ProblemType(
        "not-acceptable", 406, "No answer in a form that is accepted",
        "The header Accept names no form that this route answers in.",
        "Leave Accept out, or name one of the forms that the answer lists.",
    ),
    ProblemType(
        "request-timeout", 408, "The body came too slowly",
        "The body of the request did not arrive in time, or paused for too long.",
        "Send it again over a better connection; compress it, or split it into several requests.",
    ),
    ProblemType(
        "conflict", 409, "It contradicts what is there",
        "Something of that name exists already, or a request with the same Idempotency-Key is "
        "still being answered.",
        "Wait for the first request, or use another name or key.",
    ),
    ProblemType(
        "edit-conflict", 412, "Somebody else wrote meanwhile",
        "Since you read it, somebody else judged or assigned this finding, or decided about this "
        "drug; `standing` shows what they wrote. Nothing of the request was stored.",
        "Read what the other one wrote, then send the request again with its version in If-Match.",
    ),
    ProblemType(
        "too-large", 413, "The request is too large",
        "It holds more bytes (compressed or not), profiles, genes or drugs than a limit of this "
        "service.",
        "Split it into several requests.",
    ),
    ProblemType(
        "unsupported-media-type", 415, "The form of the body is not read here",
        "The Content-Type or Content-Encoding of the body is not one that this route reads.",
        "Send one of the forms that the answer lists; Content-Encoding may be gzip, br or deflate.",
    ),
    ProblemType(
        "invalid-request", 422, "The request does not fit the schema",
        "The body is JSON, but a field is missing, unknown or of another type. `errors` names up "
        "to 20 places as JSON pointers.",
        READ_THE_API,
    ),
    ProblemType(
        "idempotency-key", 422, "The Idempotency-Key belongs to another request",
        "The same Idempotency-Key came with another body or another route before, or it is too "
        "long.",
        "Make a new key (a UUID) for each request, and keep it only for retries of that request.",
    ),
    ProblemType(
        "unreadable-file", 422, "The file cannot be read",
        "The file is not in the format that it was taken for, or holds cells that are no finite "
        "numbers.",
        "See `detail`; `cupromark validate` reports on a file without predicting.",
    ),
    ProblemType(
        "scale", 422, "The values contradict the scale",
        "The values cannot be on the scale that the request declares, or no such scale exists.",
        "Declare the scale that the values are on: log2_tpm, tpm, fpkm, log2_fpkm, counts, "
        "rma_log2 or mas5_linear.",
    ),
    ProblemType(
        "gene-identifiers", 422, "The gene identifiers cannot be used",
        "Identifiers are ambiguous, repeated, or were damaged by a spreadsheet.",
        "Send HGNC symbols, Ensembl or Entrez identifiers, each once.",
    ),
    ProblemType(
        "samples", 422, "The samples cannot be used",
        "Samples are repeated or missing.",
        "Give every sample its own identifier.",
    ),
    ProblemType(
        "gene-coverage", 422, "Too few genes of the panel",
        "A profile holds fewer genes of the panel than the bundle was validated for, and no "
        "answer is made up.",
        "Send all genes that were measured; /v1/gene-sets lists those of the panel.",
    ),
    ProblemType(
        "unanswerable", 422, "The bundle cannot answer this",
        "The question goes beyond what the bundle holds.",
        "See `needed`; /v1/drugs lists what the bundle answers.",
    ),
    ProblemType(
        "invalid-input", 422, "The input cannot be used",
        "What was sent cannot be used, for a reason that `detail` gives.", "See `remedy`.",
    ),
    ProblemType(
        "rate-limited", 429, "Too many requests",
        "The API key, or the address, made more requests than it may.",
        "Wait as long as the header Retry-After says; send more profiles in one request.",
    ),
    ProblemType(
        "internal-error", 500, "The service failed",
        "A fault of the service, not of the request. It was logged under the request id, without "
        "any value of the request.",
        "Report the request id to whoever runs the service.",
    ),
    ProblemType(
        "not-ready", 503, "The service cannot answer now",
        "No bundle is loaded yet, a store or database does not answer, or the service is full or "
        "stopping.",
        "Ask again after the time in Retry-After; /v2/health/ready says what is missing.",
    ),
    ProblemType(
        "took-too-long", 503, "The answer was not there in time",
        "The answer took longer than a request may take.",
        "Send fewer profiles or drugs in one request, or ask again later.",
    ),
)  # fmt: skip

PROBLEM_TYPES = {kind.slug: kind for kind in _TYPES}
