"""What a page costs on a phone that pays by the megabyte."""

import pytest

pytestmark = pytest.mark.browser

FIRST_VISIT, LATER_PAGE = 200_000, 30_000
"""Bytes on the wire, headers included."""


@pytest.fixture
def weigh():
    """Open a page in a window and return the bytes that came for it, from first to last."""

    def weigh(page, path, *, is_first=False):
        wire = page.context.new_cdp_session(page)
        if is_first:
            wire.send("Network.clearBrowserCache")
        came = []
        wire.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
        wire.send("Network.enable")
        page.goto(path, wait_until="networkidle")
        wire.detach()
        return sum(came)

    return weigh


def test_the_first_visit_is_light_and_later_pages_are_lighter(enter, weigh):
    page = enter()
    assert 10_000 < weigh(page, "/sign-in", is_first=True) <= FIRST_VISIT
    assert 1_000 < weigh(page, "/verify") <= LATER_PAGE


def test_the_pages_of_every_day_are_light(enter, weigh):
    page = enter("learner2")
    page.goto("/")
    for path in ("/required", "/courses", "/practice/J-COMP/01", "/exams", "/attempts/1/review"):
        assert 1_000 < weigh(page, path) <= LATER_PAGE, path
