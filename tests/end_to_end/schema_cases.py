"""Requests that schemathesis makes up from the OpenAPI file, and what the service answers to them.

Half of the cases follow the schema, half break it. A schema does not know which names exist, so
that half of those that follow it would end in 404 or in too few genes: names that exist are put in.
"""

import itertools
import random
import re
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    GenerationConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.uploads.received import RAW_TYPES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SLOW_SECONDS = 5.0
PATIENCE_SECONDS = 60
EACH = 8  # cases of a route and kind in one round

PARAMETER = re.compile(r"\{(\w+)\}")
ASKED_ONLY = (
    "/v1/predictions",
    "/v1/explanations",
    "/v1/validations",
)  # a POST that stores nothing

NUMBERS = count()
TWICE = {"a": "champion", "b": "champion"}  # a bundle from a folder has no other beside it
QUERIES = {"/v1/reports/{drug}": {}, "/v1/compare": TWICE, "/v1/compare/{drug}": TWICE}


@dataclass(frozen=True)
class Known:
    """What the service knows, so that not all cases end in what it does not know.

    Attributes
    ----------
    names
        Values of parameters of the path.
    gene_set
        Name of a gene set.
    examples
        Bodies that are answered, by route.
    csv
        A file that is answered.
    scale
        Of its values.
    chance
        Chooses.
    turns
        True for every other case.
    read
        Gives what the service says at an address now.
    bundle
        Sha256 of a bundle at the review desk.
    make_job
        Makes a job that is queued, or cancelled, and gives its id.
    make_schedule
        Makes a schedule and gives its name.
    """

    names: dict
    gene_set: str
    examples: dict
    csv: str
    scale: str
    chance: random.Random
    turns: Iterator[bool]
    read: Callable[[str], dict]
    bundle: str
    make_job: Callable[[bool], str]
    make_schedule: Callable[[], str]


@dataclass
class Found:
    """What came of the cases.

    Attributes
    ----------
    statuses
        Number of answers by route and status.
    failures
        What was wrong, by route and kind, each once.
    slow_once
        Routes of which a case was slow whose repetition had another end, and so says nothing.
    """

    statuses: Counter = field(default_factory=Counter)
    failures: dict = field(default_factory=dict)
    slow_once: set = field(default_factory=set)

    @property
    def n_cases(self):
        return sum(self.statuses.values())

    @property
    def by_status(self):
        counted = Counter()
        for (_, status), number in self.statuses.items():
            counted[status] += number
        return dict(sorted(counted.items()))


def run_cases(service, *, n_cases, random_seed=0, scope="admin", each=EACH):
    """Send at least `n_cases` requests, spread over all routes and both kinds of cases.

    Parameters
    ----------
    service
        Where they are sent.
    n_cases
        How many.
    random_seed
        The same cases for the same seed.
    scope
        Of the key that goes with them.
    each
        Cases of a route and kind in one round; there is at least one round.
    """
    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json", config=_config())
    headers = {"Authorization": f"Bearer {service.keys[scope]}"}
    operations = [result.ok() for result in schema.get_all_operations()]
    found, known = Found(), _known(schema.raw_schema, service, random_seed)
    _warm(schema.raw_schema, service, known)
    kinds = [
        (operation, mode)
        for operation in operations
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or _can_be_asked_wrongly(operation)
    ]
    for round_number in itertools.count(random_seed):
        for operation, mode in kinds:
            if found.n_cases >= n_cases and round_number > random_seed:
                return found
            ask = _asking(operation, mode, found, headers, known)
            _run(ask, n=each, random_seed=round_number)
    raise AssertionError


def _config():
    # The key goes with every request; a made-up one beside it would be refused before all else.
    generation = GenerationConfig(with_security_parameters=False)
    return SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))


def _can_be_asked_wrongly(operation):
    """A part of the path is any text: nothing that could be sent there breaks the schema."""
    return bool(list(operation.body) or list(operation.query))


def _known(document, service, random_seed):
    examples = {
        path: [one["value"] for one in content["application/json"]["examples"].values()]
        for path, item in document["paths"].items()
        for operation in item.values()
        if "application/json" in (content := operation.get("requestBody", {}).get("content", {}))
    }
    with service.http() as http:
        gene_set = http.get("/v1/gene-sets").json()["items"][0]["name"]
        claim = http.get("/v1/claims").json()["items"][0]["claim_id"]
        drug = http.get("/v1/drugs").json()["items"][0]["name"]
        findings = http.get("/v1/reviews/findings").json()["items"]

    def read(path):
        with service.http() as http:
            return http.get(path).json()

    def make_job(is_cancelled):
        operator = {"Authorization": f"Bearer {service.keys['operate']}"}
        with httpx.Client(
            base_url=service.address, headers=operator, timeout=PATIENCE_SECONDS
        ) as http:
            made = http.post("/v1/jobs", json={"kind": "promote", "bundle": "3"}).json()
            if is_cancelled:
                http.post(f"{made['url']}/cancel")
            return made["job_id"]

    def make_schedule():
        operator = {"Authorization": f"Bearer {service.keys['operate']}"}
        job = {"kind": "promote", "bundle": "3"}
        name = f"s{next(NUMBERS)}"
        with httpx.Client(
            base_url=service.address, headers=operator, timeout=PATIENCE_SECONDS
        ) as http:
            http.post("/v1/schedules", json={"name": name, "cron": "@yearly", "job": job})
        return name

    asked = examples["/v1/validations"][0]
    rows = zip(asked["ids"], asked["values"], strict=True)
    lines = [["sample", *asked["genes"]], *([name, *map(str, row)] for name, row in rows)]
    return Known(
        names={
            "name": "cupromark",
            "drug": drug,
            "claim_id": claim,
            "slug": "gene-coverage",
            "finding": findings[0]["id"] if findings else "0" * 32,
            "job_id": make_job(True),  # it has ended, and so do its events
        },
        gene_set=gene_set,
        examples=examples,
        csv="\n".join(map(",".join, lines)),
        scale=asked["scale"],
        chance=random.Random(random_seed),  # noqa: S311
        turns=itertools.cycle([True, False]),
        read=read,
        bundle=findings[0]["bundle_sha256"] if findings else "0" * 64,
        make_job=make_job,
        make_schedule=make_schedule,
    )


def _warm(document, service, known):
    """Ask once what keeps its first answer, which takes longer than all that follow."""
    with service.http() as http:
        for path, item in document["paths"].items():
            if "get" in item and not set(PARAMETER.findall(path)) - set(known.names):
                http.get(path.format_map(known.names), params=QUERIES.get(path))
            elif path in ASKED_ONLY:
                http.post(path, json=known.examples[path][0])


def _asking(operation, mode, found, headers, known):
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        if mode is GenerationMode.POSITIVE and next(known.turns):
            _put_in_what_exists(case, known)
            _put_in_a_form(case, known)
        _send(case, mode, found, headers)

    return ask


def _run(ask, *, n, random_seed):
    how = settings(
        max_examples=n,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed(random_seed)(how(ask))()


def _send(case, mode, found, headers):
    route = f"{case.method} {case.path}"
    response, seconds = _timed(case, headers)
    found.statuses[route, response.status_code] += 1
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        for failure in group.exceptions:
            found.failures.setdefault(
                (route, type(failure).__name__), f"{failure}\n{case.as_curl_command()}"[:2_000]
            )
    if seconds > SLOW_SECONDS:
        _ask_again(case, response.status_code, found, headers)


def _timed(case, headers):
    began = time.monotonic()
    response = case.call(headers=headers, timeout=PATIENCE_SECONDS)
    return response, time.monotonic() - began


def _ask_again(case, status_code, found, headers):
    """Tell a service that is slow from a machine that was held up: that is not slow twice."""
    route = f"{case.method} {case.path}"
    again, seconds = _timed(case, headers)
    if seconds > SLOW_SECONDS or (again.status_code != status_code and route in found.slow_once):
        found.failures.setdefault((route, "slow"), f"{seconds:.1f} s when asked again")
    if again.status_code != status_code:
        found.slow_once.add(route)


def _put_in_a_form(case, known):
    """Ask for one of the documented forms of the answer."""
    responses = case.operation.definition.raw["responses"]
    made = next((responses[each] for each in ("200", "201", "202") if each in responses), {})
    answers = made.get("content", {})
    if answers and known.chance.random() < 0.5:
        case.headers = {**(case.headers or {}), "Accept": known.chance.choice(sorted(answers))}


def _put_in_what_exists(case, known):
    for name in set(case.path_parameters or {}) & set(known.names):
        case.path_parameters[name] = known.names[name]
    _put_in_what_is_used_up(case, known)
    if case.path == "/v1/gene-sets/{name}":
        case.path_parameters["name"] = known.gene_set
    case.query = QUERIES.get(case.path, case.query)
    if case.path.startswith("/v1/reviews"):
        _put_in_what_is_at_the_desk(case, known)
    elif case.media_type == "application/json":
        examples = known.examples[case.path]
        example = dict(known.chance.choice(examples))
        if case.path == "/v1/schedules":
            example["name"] = f"e{next(NUMBERS)}"
        kept = {"level", "align", "top"} & set(case.body) if isinstance(case.body, dict) else ()
        case.body = example | {name: case.body[name] for name in kept}
        case.query = {}
    elif case.media_type == "multipart/form-data":
        case.body = {**case.body, "file": known.csv, "scale": known.scale, "format": "csv"}
        for name in "platform_map", "covariates", "orientation":
            case.body.pop(name, None)
        case.query = {}
    elif case.media_type in ("text/csv", *RAW_TYPES) and "/v2" not in case.path:
        case.body = known.csv
        case.query = {"scale": known.scale}


def _put_in_what_is_used_up(case, known):
    """Make a job or a schedule anew for every case that changes one."""
    if case.path.startswith("/v1/jobs/{job_id}/") and case.method == "POST":
        case.path_parameters["job_id"] = known.make_job(not case.path.endswith("cancel"))
        case.query = {}
    if case.path.startswith("/v1/schedules/{name}"):
        case.path_parameters["name"] = known.make_schedule()
        case.query = {}


def _put_in_what_is_at_the_desk(case, known):
    if case.method == "GET":
        wants_bundle = case.path.endswith(("sign-offs", "export"))
        case.query = {"bundle": known.bundle} if wants_bundle else {}
        return
    case.query = {}
    case.body = dict(known.chance.choice(known.examples[case.path]))
    if case.path.endswith("sign-offs"):
        items = known.read(f"/v1/reviews/sign-offs?bundle={known.bundle}").get("items")
        about = known.chance.choice(items) if items else {"version": 0}
        names = ("bundle_sha256", "drug", "figures_sha256")
        case.body |= {name: about[name] for name in names if name in about}
    else:
        about = known.read(f"/v1/reviews/findings/{known.names['finding']}")
    case.headers = {**(case.headers or {}), "If-Match": f'"{about.get("version", 0)}"'}
