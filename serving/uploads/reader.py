"""`python -m serving.uploads.reader <bytes>`: reads files for the service, in at most that memory.

It is told what to do on standard input and answers on standard output, frame by frame, until its
input is closed. Whatever a file does to it stays here: the service starts another one.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import BinaryIO

from serving.uploads.failures import out_of_memory, to_texts
from serving.uploads.frames import Frame, read_frame, write_frame


def main() -> None:
    """Answer orders until there are no more."""
    max_bytes = int(sys.argv[1])
    limit_resources(max_bytes)
    answers = private_stdout()
    # Imported here: pandas and pyarrow, under the limits and while nobody waits yet.
    from serving.uploads.workshop import Workshop

    workshop = Workshop()
    while (order := read_frame(sys.stdin.buffer)) is not None:
        try:
            reply = workshop.carry_out(order)
        except MemoryError:
            reply = Frame({"error": to_texts(out_of_memory(max_bytes))})
        header = {**reply.header, "most_resident_bytes": _most_resident_bytes()}
        write_frame(answers, Frame(header, reply.payload))


def limit_resources(max_bytes: int) -> None:
    """Bound the memory of this process (its data, on Linux), and leave no core file."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, max_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _most_resident_bytes() -> int:
    unit = 1024 if sys.platform == "linux" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def private_stdout() -> BinaryIO:
    """Keep standard output to ourselves: what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
    return answers


if __name__ == "__main__":
    main()
