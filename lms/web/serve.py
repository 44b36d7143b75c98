"""Run the server: granian in worker processes, and the housekeeping beside it."""

import ctypes
import errno
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from granian import Granian
from granian.constants import Interfaces

from lms.kernel.errors import N_, Conflict

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 30
SHORTEST_PAUSE, LONGEST_PAUSE = 1, 60
"""Seconds before a worker that ended is started again."""
LONG_LIFE = 60
"""A worker that lived so many seconds did not fail at its start."""


def check_port(host: str, port: int) -> None:
    """Refuse an address that somebody else listens on, before anything is started.

    :raises Conflict: ``port_taken``, ``bad_address``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            if fault.errno == errno.EADDRINUSE:
                raise Conflict(
                    "port_taken",
                    N_("端口 %(port)s 已被别的程序占用；请关掉它，或用 --port 换一个端口"),
                    port=port,
                ) from fault
            raise Conflict(
                "bad_address",
                N_("不能在 %(host)s:%(port)s 上提供服务：%(why)s"),
                host=host,
                port=port,
                why=fault.strerror,
            ) from fault


ARENAS, MAPPED_FROM = 2, 1024 * 1024
"""What lets glibc hand memory back: heaps for all threads together, and the bytes from which a
block is mapped by itself. A password's hash takes 19 MiB for a moment; left alone, the allocator
learns from the first one to keep that much in every thread for ever (mallopt(3))."""
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""Of glibc's malloc.h."""
THRIFT = {"MALLOC_ARENA_MAX": str(ARENAS), "MALLOC_MMAP_THRESHOLD_": str(MAPPED_FROM)}
"""The same for programs that are started: the C library reads them when a process starts."""


def be_thrifty() -> None:
    """Set how this process, its forks and the programs they start hold memory.

    Before any thread copies the environment. Workers are forks: for them the environment comes
    too late. Another C library than glibc has nothing to set.
    """
    for name, value in THRIFT.items():
        os.environ.setdefault(name, value)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, int(os.environ["MALLOC_ARENA_MAX"]))
        mallopt(M_MMAP_THRESHOLD, int(os.environ["MALLOC_MMAP_THRESHOLD_"]))


def run(
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    keep_house: Callable[[], None],
    works_at_jobs: bool = True,
) -> None:
    """Serve until stopped. ``keep_house`` runs now and then in the supervising process.

    :param works_at_jobs: start a process beside that works at jobs, and again if it ends.
    """
    be_thrifty()
    stopping = threading.Event()
    helper = threading.Thread(target=work_at_jobs, args=(stopping,), name="jobs")
    if works_at_jobs:
        helper.start()

    def housekeeping() -> None:
        while not stopping.wait(HOUSEKEEPING_SECONDS):
            keep_house()

    threading.Thread(target=housekeeping, name="housekeeping", daemon=True).start()
    server = Granian(
        "lms.web:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
    )
    try:
        server.serve()
    finally:
        stopping.set()
        if works_at_jobs:
            helper.join()


def work_at_jobs(stopping: threading.Event) -> None:
    """Keep one ``lms jobs work`` running until told to stop; it comes back a little later."""
    command = [sys.executable, "-m", "lms", "jobs", "work", "--with-parent"]
    pause = SHORTEST_PAUSE
    while not stopping.is_set():
        began = time.monotonic()
        worker = subprocess.Popen(command)  # noqa: S603 - our own program
        while worker.poll() is None:
            if stopping.wait(0.5):
                _end(worker)
                return
        lived = time.monotonic() - began
        pause = SHORTEST_PAUSE if lived > LONG_LIFE else min(pause * 2, LONGEST_PAUSE)
        log.warning("the worker for jobs ended (%s); again in %s s", worker.returncode, pause)
        stopping.wait(pause)


def _end(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(timeout=12)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
