"""Make what tests of privacy need."""

from datetime import timedelta
from pathlib import Path

from lms.kernel.authoring import Faults
from lms.organizations.models import Organization
from lms.people.models import IdentityDocument, Phone
from lms.people.types import Role
from lms.privacy import content, operations, queries
from lms.privacy.types import Answer, CorrectionField, Wish
from tests import builders
from tests.builders import NOON

ID_NUMBER = "520102199003078812"
PHONE = "13800001234"
WISH = Wish("杨梅花", "登记时少写一个字", "户口簿")


def texts(folder: Path = content.TEXTS):
    faults = Faults()
    found = content.read_all(folder, faults)
    assert faults.found == []
    return found


def published(session, *, now=NOON):
    operations.load(session, texts(), now=now)
    session.flush()


def changed(session, key, *, now=NOON):
    """Publish a new version of one text."""
    from dataclasses import replace

    files = [
        replace(file, digest="other", title=f"{file.title}（新）") if file.key == key else file
        for file in texts()
    ]
    operations.load(session, files, now=now)
    session.flush()


def answered(session, person, key, answer=Answer.GIVEN, *, now=NOON):
    version = queries.find_text(session, key).version_id
    return operations.answer(
        session, learner_id=person.id, key=key, version_id=version, answer=answer, now=now
    )


def sealed(session, person, vault):
    """Give somebody a telephone and an identity number."""
    owner = f"person:{person.id}"
    builders.added(
        session,
        Phone(
            person_id=person.id,
            sealed=vault.seal(PHONE, owner=f"{owner}/phone"),
            digest=vault.digest(f"{PHONE}{person.id}", purpose="phone"),
            noted_at=NOON,
        ),
    )
    builders.added(
        session,
        IdentityDocument(
            person_id=person.id,
            kind="resident_id",
            sealed=vault.seal(ID_NUMBER, owner=f"{owner}/resident_id"),
            digest=vault.digest(f"{ID_NUMBER}{person.id}", purpose="resident_id"),
            noted_at=NOON,
        ),
    )


def asked(session, person, vault, *, token="t", field=CorrectionField.NAME, wish=WISH, now=NOON):
    return operations.ask_correction(
        session,
        learner_id=person.id,
        token=token,
        field=field,
        wish=wish,
        vault=vault,
        now=now,
    )


def county(session) -> Organization:
    return builders.organization(session, kind="county")


def clerk(session, place) -> object:
    return builders.with_role(session, Role.COUNTY_MANAGER, at=place, name="经办甲")


def closing(session, person, *, now=NOON - timedelta(days=16)):
    operations.ask_closing(session, person_id=person.id, reason="", actor_id=person.id, now=now)
