"""The only exceptions that operations and rules raise on purpose.

Each subclass says *what kind* of refusal it is; :mod:`lms.http.errors` turns the kind into a
status code, the command line turns it into exit status 1. ``code`` is for programs and tests
and never changes; the message is for people and may.

A message is a Chinese sentence marked with :func:`N_`, so that the catalogues can carry it in
other languages; values go in as named parameters:
``Conflict("full", N_("名额已满（%(n)s 人）"), n=30)``.
"""

from typing import Protocol


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a sentence for the message catalogue and return it unchanged."""
    return message


class Say(Protocol):
    """Puts a message into somebody's language: ``gettext``."""

    def __call__(self, message: str, /, **values: object) -> str: ...


def in_chinese(message: str, /, **values: object) -> str:
    """Leave a message as it is written, and fill in its values."""
    return message % values if values else message


class Phrase:
    """A value of a message that is itself made of words: put together when somebody reads it."""

    __slots__ = ()

    def said(self, say: Say) -> str:
        """Return it in somebody's language."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.said(in_chinese)


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
