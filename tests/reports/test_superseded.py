"""Who learned with questions whose law has changed: counted for all, named to their managers."""

import csv
import io

import sqlalchemy as sa

from lms.audit.models import Entry
from lms.people.types import Role
from lms.reports.queries import superseded
from tests import builders
from tests.builders import TODAY
from tests.reports.builders import ended_law


def test_learners_are_counted_once_each(session):
    learner = builders.learner(session)
    edition_id = ended_law(session, learner_id=learner.id)
    assert superseded.learners_by_edition(session, on=TODAY) == {edition_id: 1}


def test_a_manager_names_the_own_people_and_it_is_written_down(client, session, sign_in):
    county = builders.organization(session, kind="county")
    station = builders.organization(session, county)
    learner = builders.learner(session, at=station, name="=韦小花")
    edition_id = ended_law(session, learner_id=learner.id)
    sign_in(builders.with_role(session, Role.COUNTY_MANAGER, at=county))
    assert "慈善法" in client.get("/team/laws").text
    path = f"/team/laws/{edition_id}/people"
    page = client.post(path, data={"format": "page"})
    assert "韦小花" in page.text and page.headers["Cache-Control"] == "no-store"
    table = client.post(path, data={"format": "csv"})
    rows = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert rows[1][0] == "'=韦小花" and len(rows) == 2
    written = session.scalars(
        sa.select(Entry).where(Entry.verb == "question_bank.learners_listed").order_by(Entry.id)
    ).all()
    assert [(entry.facts["count"], entry.facts["format"]) for entry in written] == [
        (1, "page"),
        (1, "csv"),
    ]
    assert client.post("/team/laws/999999/people").status_code == 404


def test_instructors_see_numbers_and_no_names(client, session, sign_in):
    learner = builders.learner(session, name="韦小花")
    ended_law(session, learner_id=learner.id)
    sign_in(builders.with_role(session, Role.INSTRUCTOR))
    page = client.get("/teaching/bank/laws").text
    assert "1 名学员做过" in page and "韦小花" not in page
    assert client.get("/team/laws").status_code == 403
