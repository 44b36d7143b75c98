"""The demonstration: Guizhou's regions, invented people, months of learning.

Regions are real, and so are the numbers of stations, learners and certificates; people, their
histories and everything on their certificates are invented. Words: a *story* is what an invented
learner has done, as rows; an *outline* is a story in five numbers, shared by many; a *demo
account* is somebody one can sign in as; the *material* is the loaded content they learn from.

    with writing() as session:
        summary = build(session, learners=200, seed=1, now=utc_now(), done=bar.update)
"""

from lms.web.demo.building import build, summary
from lms.web.demo.types import DemoAccount, DemoSummary

__all__ = ["DemoAccount", "DemoSummary", "build", "summary"]
