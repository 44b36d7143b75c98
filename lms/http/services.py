"""What :mod:`lms.web` makes once and rooms ask for by its type: the office of jobs, for one."""

from typing import TypeVar

from flask import Flask, current_app

Service = TypeVar("Service")

_PREFIX = "lms_service:"


def provide(app: Flask, service: object) -> None:
    """Let everybody in this application ask for a thing of this type."""
    app.extensions[_PREFIX + type(service).__qualname__] = service


def service(kind: type[Service]) -> Service:
    """Return the one thing of a type."""
    found: Service = current_app.extensions[_PREFIX + kind.__qualname__]
    return found
