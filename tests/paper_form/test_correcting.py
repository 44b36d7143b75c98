"""An answer card that was typed in wrongly: corrected by two people, nothing overwritten."""

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.exams import operations as exams
from lms.exams import queries, showing
from lms.exams.models import Attempt, CardCorrection, PaperEntry, Response
from lms.exams.rules import Terms
from lms.exams.types import Cause, Policy
from lms.kernel.clock import utc_now
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.paper_form import operations
from lms.paper_form.types import Done
from lms.people.types import Role
from lms.records.queries import facts_of
from lms.records.types import in_force
from tests import builders
from tests.builders import NOON, TODAY
from tests.paper_form.builders import printed as make_print
from tests.paper_form.builders import right_letters


@pytest.fixture
def county(session):
    return builders.organization(session, kind="county")


@pytest.fixture
def clerk(session, county):
    return builders.with_role(session, Role.INSTRUCTOR, at=county, name="录入人")


@pytest.fixture
def second(session, county):
    return builders.with_role(session, Role.INSTRUCTOR, at=county, name="复核人")


@pytest.fixture
def learner(session, county):
    station = builders.organization(session, county)
    return builders.learner(session, at=station, name="杨梅")


@pytest.fixture
def printed(session, county, clerk):
    return make_print(session, at=county, by=clerk)


class Desk:
    """A print, one learner's card typed in, and the deeds that follow."""

    def __init__(self, session, printed, learner, clerk, second, county):
        self.session, self.printed, self.learner = session, printed, learner
        self.clerk, self.second, self.scope = clerk, second, [county.id]
        self.right = right_letters(printed)

    def enter(self, cells):
        return operations.enter(
            self.session, self.printed.id, {self.learner.id: cells},
            on=TODAY, scope=self.scope, actor_id=self.clerk.id, now=NOON,
        )  # fmt: skip

    def correct(self, cells, *, actor=None, person=None, scope=None):
        return operations.correct(
            self.session, self.printed.id, (person or self.learner).id, cells, reason="看错行了",
            scope=scope or self.scope, actor_id=(actor or self.clerk).id, now=NOON,
        )  # fmt: skip

    def do(self, deed, made, *, actor=None, **values):
        actor_id = (actor or self.second).id
        getattr(exams, deed)(self.session, regrade_id=made, actor_id=actor_id, now=NOON, **values)
        self.session.flush()

    @property
    def sitting(self):
        return queries.sitting(self.session, learner_id=self.learner.id, number=1)

    @property
    def marks(self):
        return self.sitting.result.earned, self.sitting.result.passed

    @property
    def record(self):
        (fact,) = in_force(facts_of(self.session, self.learner.id))
        return fact.quantity, fact.detail["passed"]


@pytest.fixture
def desk(session, printed, learner, clerk, second, county):
    made = Desk(session, printed, learner, clerk, second, county)
    other = "B" if made.right[1] == "A" else "A"
    made.wrong = {**made.right, 1: other, 4: ""}
    made.enter(made.wrong)
    return made


def stored(session):
    return [
        tuple(row)
        for model in (Attempt, Response, PaperEntry)
        for row in session.execute(sa.select(*sa.inspect(model).columns)).all()
    ]


def test_a_correction_moves_result_record_and_trail_and_changes_no_fact(session, desk):
    before, first = stored(session), desk.marks
    made = desk.correct(desk.right)
    assert desk.marks == first  # nobody has approved it
    desk.do("approve_correction", made)
    desk.do("approve_correction", made)  # twice is once
    assert desk.marks == (desk.sitting.result.out_of, True)
    assert desk.record == desk.marks
    assert desk.sitting.blank == ()
    assert stored(session) == before
    proposed = session.scalars(sa.select(Entry).where(Entry.verb == "exams.regrade_proposed")).one()
    assert proposed.facts["attempt"] == f"attempt:{desk.learner.id}/1"
    assert set(proposed.facts["cells"]) == {"1", "4"}
    told = session.scalars(sa.select(Entry).where(Entry.verb == "exams.attempt_regraded")).all()
    assert [entry.subject for entry in told] == [f"attempt:{desk.learner.id}/1"]


def test_the_learner_is_told_and_sees_what_the_card_says(session, client, sign_in, desk):
    desk.do("approve_correction", desk.correct(desk.right))
    sign_in(desk.learner)
    page = client.get("/attempts/1/result").text
    assert "答题卡录错了，已更正" in page
    assert "看错行了" in page
    report = showing.report(session, desk.sitting, desk.sitting.result, now=utc_now())
    assert report.whole.right == report.whole.questions


def test_taken_back_it_reads_as_it_was_typed_in(desk):
    first = desk.marks
    made = desk.correct(desk.right)
    with pytest.raises(Conflict):
        desk.do("ask_undo_correction", made, reason="又看错了")
    desk.do("approve_correction", made)
    desk.do("ask_undo_correction", made, actor=desk.clerk, reason="又看错了")
    desk.do("drop_correction", made)
    desk.do("ask_undo_correction", made, actor=desk.clerk, reason="又看错了")
    with pytest.raises(NotAllowed):
        desk.do("approve_correction", made, actor=desk.clerk)
    desk.do("approve_correction", made)
    assert (desk.marks, desk.record) == (first, first)
    assert desk.sitting.blank == (4,)
    desk.do("approve_correction", desk.correct(desk.right))  # and right again
    assert desk.marks == (desk.sitting.result.out_of, True)


def test_who_may_not(session, desk, county, learner):
    with pytest.raises(NotAllowed) as own:
        desk.correct(desk.right, actor=learner)
    assert own.value.code == "own_card"
    made = desk.correct(desk.right)
    with pytest.raises(NotAllowed) as same:
        desk.do("approve_correction", made, actor=desk.clerk)
    assert same.value.code == "own_regrade"
    with pytest.raises(NotAllowed) as own:
        desk.do("approve_correction", made, actor=learner)
    assert own.value.code == "own_card"
    with pytest.raises(Conflict) as waits:
        desk.correct({**desk.right, 2: ""})
    assert waits.value.code == "correction_waits"
    for deed in ("apply_regrade", "withdraw_regrade", "approve_undo"):
        with pytest.raises(NotFound):  # it is decided where the card is, by whoever sees the card
            desk.do(deed, made)
    with pytest.raises(NotFound):
        queries.regrade(session, made)
    assert queries.list_regrades(session) == []
    desk.do("drop_correction", made)
    with pytest.raises(Conflict):
        desk.do("approve_correction", made)


def test_what_is_refused(session, desk, county):
    with pytest.raises(Invalid) as same:
        desk.correct(desk.wrong)
    assert same.value.code == "nothing_to_correct"
    with pytest.raises(Invalid) as foreign:
        desk.correct({**desk.right, 2: "Z"})
    assert (foreign.value.code, foreign.value.params["slot"]) == ("foreign_letter", 2)
    with pytest.raises(NotFound) as nobody:
        desk.correct(desk.right, person=builders.learner(session, at=county))
    assert nobody.value.code == "no_card"
    elsewhere = builders.organization(session, kind="county")
    with pytest.raises(NotFound):
        desk.correct(desk.right, scope=[elsewhere.id])
    assert session.scalar(sa.select(sa.func.count()).select_from(CardCorrection)) == 0


def test_spoilt_cells_are_corrected_too_and_a_list_sent_again_is_compared_with_the_correction(desk):
    desk.do("approve_correction", desk.correct({**desk.right, 1: "AB"}))
    earned, _passed = desk.marks
    assert earned == desk.sitting.result.out_of - 2  # two marks: worth nothing
    assert desk.enter({**desk.right, 1: "AB"}) == Done(new=0, same=1, other=0)
    assert desk.enter(desk.right) == Done(new=0, same=0, other=1)
    desk.do("approve_correction", desk.correct(desk.right))
    assert desk.enter(desk.right) == Done(new=0, same=1, other=0)
    assert desk.marks[0] == desk.sitting.result.out_of


@pytest.mark.parametrize("policy", [Policy.FULL_CREDIT, Policy.NONE])
def test_a_regrade_after_it_marks_what_the_card_says(session, desk, policy):
    desk.do("approve_correction", desk.correct({**desk.right, 1: "AB"}))
    corrected = desk.marks
    terms = Terms(Cause.QUESTION_STRUCK, policy, None, desk.printed.slots[0].version_id, None, None)
    made = exams.propose_regrade(
        session, terms=terms, reason="作废", actor_id=desk.clerk.id, now=NOON
    )
    desk.do("apply_regrade", made)
    gained = 2 if policy is Policy.FULL_CREDIT else 0
    assert desk.marks[0] == corrected[0] + gained
    assert desk.sitting.answer(4).chosen == "ABD"  # still what the card says
    desk.do("ask_undo", made, actor=desk.clerk, reason="不作废了")
    desk.do("approve_undo", made)
    assert desk.marks == corrected
    assert desk.record == corrected


def test_a_correction_after_a_regrade_keeps_it(session, desk):
    terms = Terms(
        Cause.QUESTION_STRUCK,
        Policy.FULL_CREDIT,
        None,
        desk.printed.slots[0].version_id,
        None,
        None,
    )
    made = exams.propose_regrade(
        session, terms=terms, reason="作废", actor_id=desk.clerk.id, now=NOON
    )
    desk.do("apply_regrade", made)
    card = desk.correct({**desk.right, 1: ""})
    desk.do("approve_correction", card)
    assert desk.marks[0] == desk.sitting.result.out_of  # the struck question stays full
    desk.do("ask_undo", made, actor=desk.clerk, reason="不作废了")
    with pytest.raises(Conflict) as later:
        desk.do("approve_undo", made)
    assert later.value.code == "regraded_since"


def test_a_proposal_that_no_longer_holds_is_refused(session, desk):
    card = desk.correct(desk.right)
    terms = Terms(
        Cause.QUESTION_STRUCK,
        Policy.FULL_CREDIT,
        None,
        desk.printed.slots[0].version_id,
        None,
        None,
    )
    made = exams.propose_regrade(
        session, terms=terms, reason="作废", actor_id=desk.clerk.id, now=NOON
    )
    desk.do("apply_regrade", made)
    with pytest.raises(Conflict) as stale:
        desk.do("approve_correction", card)
    assert stale.value.code == "stale_regrade"


# --- pages ---


def test_the_pages_from_the_list_to_the_approval(client, session, sign_in, desk):
    root = f"/teaching/prints/{desk.printed.id}"
    form = f"{root}/cards/{desk.learner.id}/correct"
    sign_in(desk.clerk)
    assert form in client.get(root).text
    page = client.get(form).text
    assert f'name="a1" value="{desk.wrong[1]}"' in page
    values = {f"a{slot}": letters for slot, letters in desk.right.items()}
    assert client.post(form, data=values).status_code == 422  # no reason
    unread = client.post(form, data={**values, "a2": "Z", "reason": "看错行了"})
    assert (unread.status_code, "第 2 题：“Z”不在选项之中" in unread.text) == (422, True)
    sent = client.post(form, data={**values, "reason": "看错行了"})
    assert sent.status_code == 303
    own = client.get(sent.location).text
    assert "不能批准自己提出的" in own
    assert "批准更正" not in own
    assert client.post(f"{sent.location}/approve").status_code == 403
    sign_in(desk.second)
    assert "批准更正" in client.get(sent.location).text
    assert client.post(f"{sent.location}/approve").status_code == 303
    session.expire_all()
    assert desk.marks[1] is True
    assert client.post(f"{sent.location}/undo", data={"reason": ""}).status_code == 422
    assert client.post(f"{sent.location}/undo", data={"reason": "错了"}).status_code == 303
    assert client.post(f"{sent.location}/drop").status_code == 303
    assert "已改分" in client.get(root).text
