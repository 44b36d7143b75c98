"""The only exceptions that operations and rules raise on purpose.

Each subclass says *what kind* of refusal it is; :mod:`lms.http.errors` turns the kind into a
status code, the command line turns it into exit status 1. ``code`` is for programs and tests
and never changes; the message is for people and may.

A message is a Chinese sentence marked with :func:`N_`, so that the catalogues can carry it in
other languages; values go in as named parameters:
``Conflict("full", N_("名额已满（%(n)s 人）"), n=30)``.
"""


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a sentence for the message catalogue and return it unchanged."""
    return message


class DomainError(Exception):
    """A refusal with a name and a reason."""

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.code = code
        self.message = message
        self.params = params


class NotFound(DomainError):
    """The thing asked for does not exist, or the asker may not know that it does."""


class NotAllowed(DomainError):
    """The asker is known and may not do this."""


class Conflict(DomainError):
    """The request is well formed but the present state forbids it."""


class Invalid(DomainError):
    """The data cannot be understood. ``where`` locates the fault for its author."""

    def __init__(self, code: str, message: str, *, where: str = "", **params: object) -> None:
        super().__init__(code, message, **params)
        self.where = where

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{self.where}: {sentence}" if self.where else sentence


class Busy(DomainError):
    """The deed is in order and there is no room for it now; the same again later may succeed."""

    def __init__(
        self, code: str, message: str, *, retry_after_seconds: int, **params: object
    ) -> None:
        super().__init__(code, message, **params)
        self.retry_after_seconds = retry_after_seconds
