import asyncio
import io
import json
from threading import Thread

from serving.request_context import RequestContext
from serving.request_lines import MOST_WAITING, RequestLines


def take(lines, number):
    context = RequestContext(f"id-{number}", caller_key_id="abc", route="/v1/predictions")
    context.status = 200
    lines({"method": "POST", "path": "/v1/predictions"}, context, 0.0012345, 17)


def test_a_line_says_what_is_known_and_comes_at_the_end_of_the_turn():
    stream = io.StringIO()
    lines = RequestLines(stream)

    async def main():
        take(lines, 1)
        take(lines, 2)
        assert stream.getvalue() == ""
        await asyncio.sleep(0)
        return stream.getvalue().splitlines()

    first, second = (json.loads(line) for line in asyncio.run(main()))
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "request_id": "id-1",
        "method": "POST",
        "route": "/v1/predictions",
        "status": 200,
        "ms": 1.23,
        "bytes": 17,
        "key_id": "abc",
        "bundle": None,
        "problem": None,
        "event": "request",
        "level": "info",
    }
    assert second["request_id"] == "id-2"


def test_the_order_is_that_of_the_events_whoever_writes():
    stream = io.StringIO()
    lines = RequestLines(stream)

    async def main():
        take(lines, 1)
        lines.write('{"event":"other"}\n')
        take(lines, 2)
        lines.flush()

    asyncio.run(main())
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == ["request", "other", "request"]


def test_no_more_than_so_many_lines_wait():
    stream = io.StringIO()
    lines = RequestLines(stream)

    async def main():
        for number in range(MOST_WAITING):
            take(lines, number)
        return stream.getvalue().count("\n")

    assert asyncio.run(main()) == MOST_WAITING


def test_no_line_is_lost_to_other_threads_that_write():
    stream = io.StringIO()
    lines = RequestLines(stream)
    n_lines = 2_000

    def disturb():
        for _ in range(n_lines):
            lines.write("")

    async def main():
        others = [Thread(target=disturb) for _ in range(2)]
        for other in others:
            other.start()
        for number in range(n_lines):
            take(lines, number)
        for other in others:
            await asyncio.to_thread(other.join)
        lines.flush()

    asyncio.run(main())
    told = {json.loads(line)["request_id"] for line in stream.getvalue().splitlines()}
    assert told == {f"id-{number}" for number in range(n_lines)}
