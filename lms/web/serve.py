"""Run the server: granian in worker processes, and the housekeeping beside it."""

import errno
import socket
import threading
from collections.abc import Callable

from granian import Granian
from granian.constants import Interfaces

from lms.kernel.errors import N_, Conflict

HOUSEKEEPING_SECONDS = 30


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


def run(
    *, host: str, port: int, workers: int, threads: int, keep_house: Callable[[], None]
) -> None:
    """Serve until stopped. ``keep_house`` runs now and then in the supervising process."""
    stopping = threading.Event()

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
