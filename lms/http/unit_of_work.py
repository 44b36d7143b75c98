"""The request's transaction."""

from collections.abc import Iterator
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


@contextmanager
def writing() -> Iterator[Session]:
    """Open the request's transaction: commit at the end of the block, or roll back."""
    steps = current_app.extensions.get(STEPS, ())
    with transaction(db.session(), before_commit=steps) as session:
        yield session


def reading() -> Session:
    """Return the request's session for queries. Nothing done through it is committed."""
    return db.session()


def vault() -> Vault:
    """Return the keys that seal and open personal data."""
    found: Vault = current_app.extensions[VAULT]
    return found
