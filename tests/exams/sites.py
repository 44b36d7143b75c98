"""What browser tests of exams do beside the browser: start, look into the database, sign in."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lms.exams import operations, queries
from lms.kernel.clock import utc_now
from lms.kernel.transaction import transaction
from tests.exams.builders import shown_letters
from tests.exams.mortal import cookie

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"}


def start(site, *, minutes_left=120.0):
    began = utc_now() - timedelta(minutes=120 - minutes_left)
    with Session(site.engine) as session, transaction(session):
        return operations.start(
            session, learner_id=site.learner_id, paper_key="j-comp-mock", seed=5, now=began
        )


def stored(site, slot, number=1):
    """The letters that the server holds, as the page shows them."""
    with Session(site.engine) as session:
        found = queries.sitting(session, learner_id=site.learner_id, number=number)
        return shown_letters(found.answer(slot).chosen, found.slots[slot - 1].order)


def sign_in(site, context):
    """Return a page of the learner, who has signed in just now: the form has tests of its own."""
    name, value = cookie(site, site.user).split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": site.url}])
    return context.pages[0] if context.pages else context.new_page()


def says(page, words):
    page.wait_for_function(
        "words => document.querySelector('#save-state').textContent.includes(words)", arg=words
    )
