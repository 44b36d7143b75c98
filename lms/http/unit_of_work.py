"""The request's transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.orm import Session

from lms.http.extensions import db
from lms.kernel.transaction import transaction
from lms.kernel.vault import Vault

STEPS = "lms_before_commit"
"""The key in ``app.extensions`` of the before-commit steps that :mod:`lms.web` hands in."""


VAULT = "lms_vault"
"""The key in ``app.extensions`` of the keys that seal personal data."""

RESEALERS = "lms_resealers"
"""The key in ``app.extensions`` of the functions that seal anew what an older key sealed: one for
each room that has something sealed, handed in by :mod:`lms.web`."""

Reseal = Callable[..., int]
"""Called with the session and ``vault``; seals the next few anew, returns how many; 0: done."""


@contextmanager
def writing() -> Iterator[Session]:
    """Open the request's transaction: commit at the end of the block, or roll back."""
    steps = current_app.extensions.get(STEPS, ())
    with transaction(db.session(), before_commit=steps) as session:
        yield session


def reading() -> Session:
    """Return the request's session for queries. Nothing done through it is committed."""
    return db.session()


def resealers() -> Sequence[Reseal]:
    """Return what seals anew, room by room."""
    found: Sequence[Reseal] = current_app.extensions[RESEALERS]
    return found


def vault() -> Vault:
    """Return the keys that seal and open personal data."""
    found: Vault = current_app.extensions[VAULT]
    return found
