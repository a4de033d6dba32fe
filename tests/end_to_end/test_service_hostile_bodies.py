"""The corpus of hostile bodies against every route of the running service that takes profiles."""

import time

import pytest

from tests.serving.hostile_bodies import HIDDEN, HOSTILE_BODIES, HostileBody

GENEROUS_SECONDS = 5.0  # the limit is one second, on a machine that does nothing else
MOST_ASKED = 3
LARGEST_ANSWER = 16 * 1024
PROBLEM, JSON = "application/problem+json", "application/json"
BINARY, FORM = "application/octet-stream", "multipart/form-data"
MEDIA_TYPES = {
    "/v1/predictions": PROBLEM,
    "/v1/explanations": PROBLEM,
    "/v1/validations": PROBLEM,
    "/v2/models/cupromark/infer": JSON,
    "/invocations": JSON,
}
# A good body of a gene that the panel lacks: a report says so, and is no refusal.
ANSWERED = {("/v1/validations", "larger, all white space")}
CELLS = {
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "1e400": b"1e400",
    "5,000 digits": b"31337" * 1_000,
    "300 digits": b"31337" * 70,
    "true": b"true",
    "text": b'"CANARY"',
    "array": b"[[31337]]",
    "object": b'{"CANARY": 31337}',
}
TENSORS = (
    b'{"parameters": {"scale": "log2_tpm"}, "inputs": [{"name": "genes", "datatype": "BYTES", '
    b'"shape": [1], "data": ["TP53"]}, {"name": "expression", "datatype": "FP64", '
    b'"shape": [1, 1], "data": [%s]}]}'
)
FORMS = {
    "profiles": b'{"scale": "log2_tpm", "profiles": [{"expression": {"TP53": %s}}]}',
    "tensors": TENSORS,
    "tensors of a huge shape": TENSORS.replace(b"[1, 1]", b"[1, 9223372036854775807]"),
    "tensors of a negative shape": TENSORS.replace(b"[1, 1]", b"[-1, -1]"),
    "split": b'{"dataframe_split": {"columns": ["TP53"], "data": [[%s]]}, '
    b'"params": {"scale": "log2_tpm"}}',
    "records": b'{"dataframe_records": [{"TP53": %s}], "params": {"scale": "log2_tpm"}}',
    "inputs": b'{"inputs": {"TP53": [%s]}, "params": {"scale": "log2_tpm"}}',
    "params": b'{"instances": [{"TP53": 5.5}], "params": {"scale": %s}}',
}
OF_THE_ROUTES = (
    *(
        HostileBody(f"{name} in {form}", text % cell)
        for form, text in FORMS.items()
        for name, cell in CELLS.items()
    ),
    HostileBody(
        "names that cost time",
        b"{" + b",".join(b'"n%d":1' % n for n in range(1_000_000)) + b',"n5":31337}',
    ),
    HostileBody("binary tensors without a head", b"CANARY" * 10, {"Content-Type": BINARY}),
    HostileBody(
        "binary tensors with a head beyond the end",
        b"CANARY" * 10,
        {"Content-Type": BINARY, "Inference-Header-Content-Length": "31337"},
    ),
    HostileBody("CSV of rubbish", b"\0\xffCANARY,31337\n\"", {"Content-Type": "text/csv"}),
    HostileBody("CSV of NaN", b"sample,TP53\nCANARY,NaN\n", {"Content-Type": "text/csv"}),
    HostileBody("form without an end", b"--b\r\nCANARY", {"Content-Type": f"{FORM}; boundary=b"}),
    HostileBody("form without a boundary", b"CANARY", {"Content-Type": FORM}),
)  # fmt: skip


def in_time(ask, *given, **named):
    """Answer and seconds; asked again where it took too long, which may be the machine's fault."""
    for _ in range(MOST_ASKED):
        began = time.monotonic()
        answer = ask(*given, **named)
        seconds = time.monotonic() - began
        if seconds < GENEROUS_SECONDS:
            break
    return answer, seconds


@pytest.mark.parametrize("route", MEDIA_TYPES)
def test_a_hostile_body_is_refused_quickly_briefly_and_silently(service, route):
    wrong = []
    with service.http() as http:
        for hostile in (*HOSTILE_BODIES, *OF_THE_ROUTES):
            headers = {"Content-Type": JSON, "Accept-Encoding": "identity"} | hostile.headers
            answer, seconds = in_time(http.post, route, content=hostile.body, headers=headers)
            if (route, hostile.name) in ANSWERED:
                assert answer.status_code == 200
                continue
            found = {
                "status": 400 <= answer.status_code < 500,
                "media type": answer.headers.get("content-type") == MEDIA_TYPES[route],
                "length": len(answer.content) < LARGEST_ANSWER,
                "silence": not any(hidden in answer.content for hidden in HIDDEN),
                "time": seconds < GENEROUS_SECONDS,
            }
            wrong += [
                (hostile.name, what, answer.status_code, seconds, answer.content[:300])
                for what, fine in found.items()
                if not fine
            ]
    assert wrong == []


def test_after_all_of_them_the_service_answers(service, question):
    with service.http() as http:
        for route in ("/v1/predictions", "/v1/explanations"):
            assert http.post(route, json=question).status_code == 200
