from click.testing import CliRunner

from lms.kernel.errors import NotFound
from lms.required_lists import queries
from lms.required_lists.cli import group
from tests import builders
from tests.builders import TODAY
from tests.required_lists.builders import load, text


def test_assigns_to_the_audience_and_repeats_for_newcomers(app, client, session, tmp_path):
    load(session, tmp_path, text())
    learner = builders.learner(session)
    session.flush()
    with app.app_context():
        first = CliRunner().invoke(group, ["assign", "station", "--on", TODAY.isoformat()])
        again = CliRunner().invoke(group, ["assign", "station", "--on", TODAY.isoformat()])
    assert "1 learners assigned" in first.output
    assert "0 learners assigned" in again.output
    session.expire_all()
    (own,) = queries.own_lists(session, learner.id, on=TODAY)
    assert own.assigned_on == TODAY


def test_a_list_that_is_not_there_is_refused(app, client):
    with app.app_context():
        answer = CliRunner().invoke(group, ["assign", "nothing"])
    assert isinstance(answer.exception, NotFound)
