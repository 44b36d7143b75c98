"""The public check names a holder in full only while they agree to it."""

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.privacy.types import Answer
from tests.credentials.builders import HOLDER, credential
from tests.privacy.builders import answered, published


@pytest.fixture
def holder(session):
    published(session)
    issued = credential(session)
    return issued, type("Holder", (), {"id": issued.learner_id})


def shown(client, issued):
    page = client.get(f"/verify/{issued.shown}").text
    told = client.get(f"/api/verify/{issued.shown}").json["credential"]["holder"]
    assert (HOLDER in page) == (told == HOLDER)
    return told


def test_the_name_is_masked_until_the_holder_agrees(client, session, holder):
    issued, person = holder
    assert shown(client, issued) == "王*明"
    answered(session, person, "public_name")
    assert shown(client, issued) == HOLDER
    answered(session, person, "public_name", Answer.WITHDRAWN)
    assert shown(client, issued) == "王*明"


def test_the_check_still_costs_one_statement(client, session, holder, count_statements):
    issued, person = holder
    answered(session, person, "public_name")
    with count_statements() as seen:
        client.get(f"/verify/{issued.shown}")
    assert len(seen) == 1


def test_checking_writes_no_line_about_the_name(client, session, holder):
    issued, _person = holder
    before = session.scalar(sa.select(sa.func.count()).select_from(Entry))
    shown(client, issued)
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == before
