"""The request's transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy.orm import Session

from lms.http.extensions import db
from lms.kernel.transaction import transaction

STEPS = "lms_before_commit"
"""The key in ``app.extensions`` of the before-commit steps that :mod:`lms.web` hands in."""


@contextmanager
def writing() -> Iterator[Session]:
    """Open the request's transaction: commit at the end of the block, or roll back."""
    steps = current_app.extensions.get(STEPS, ())
    with transaction(db.session(), before_commit=steps) as session:
        yield session


def reading() -> Session:
    """Return the request's session for queries. Nothing done through it is committed."""
    return db.session()
