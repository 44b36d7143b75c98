"""How much memory processes hold, read from /proc. Where there is none, nothing is known."""

from collections.abc import Iterable

from bench.cpu import PROC

LIMIT_MB = 150
"""What a worker may hold after :data:`REQUESTS`."""
REQUESTS = 10_000


def parse_status(text: str) -> float:
    """Return the resident megabytes in a ``/proc/<pid>/status``; 0 for a process without memory."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) / 1024
    return 0.0


def highest(pids: Iterable[int]) -> float | None:
    """Return the resident megabytes of the process that holds most; none without /proc."""
    found = [
        parse_status(path.read_text(encoding="utf-8", errors="replace"))
        for pid in pids
        if (path := PROC / str(pid) / "status").is_file()
    ]
    return max(found, default=None)
