"""CPU time of processes, read from /proc. Where there is none, nothing is known."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

PROC = Path("/proc")


def parse_stat(text: str) -> tuple[int, int]:
    """Return the parent and the clock ticks in user and kernel mode of a ``/proc/<pid>/stat``.

    The name in the second field may hold spaces and brackets (proc(5)).
    """
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), int(fields[11]) + int(fields[12])


def seconds(pids: Iterable[int]) -> dict[int, float] | None:
    """Return the CPU time that each process has had, all its threads; none without /proc.

    A process that is gone is left out.
    """
    if not (PROC / "self" / "stat").is_file():
        return None
    tick = os.sysconf("SC_CLK_TCK")
    found = ((pid, _stat(pid)) for pid in pids)
    return {pid: stat[1] / tick for pid, stat in found if stat is not None}


def spent(before: Mapping[int, float] | None, after: Mapping[int, float] | None) -> float | None:
    """Return the CPU time between two readings; a process that is new counts from its birth."""
    if before is None or after is None:
        return None
    return sum(value - before.get(pid, 0.0) for pid, value in after.items())


def descendants(root: int) -> list[int]:
    """Return the processes below one, without itself; empty without /proc."""
    parents: dict[int, int] = {}
    for entry in PROC.glob("[0-9]*"):
        stat = _stat(int(entry.name))
        if stat is not None:
            parents[int(entry.name)] = stat[0]
    below = {root}
    while grown := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= grown
    return sorted(below - {root})


def _stat(pid: int) -> tuple[int, int] | None:
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace"))
    except (FileNotFoundError, ProcessLookupError):
        return None
