"""Every table of the program: importing this module fills ``Base.metadata``."""

from lms.accounts import models as accounts
from lms.audit import models as audit
from lms.courses import models as courses
from lms.credentials import models as credentials
from lms.exam_sessions import models as exam_sessions
from lms.exams import models as exams
from lms.interop import models as interop
from lms.jobs import models as jobs
from lms.kernel.orm import Base
from lms.marking import models as marking
from lms.organizations import models as organizations
from lms.people import models as people
from lms.practice import models as practice
from lms.privacy import models as privacy
from lms.programs import models as programs
from lms.question_bank import models as question_bank
from lms.records import models as records
from lms.regulations import models as regulations
from lms.required_lists import models as required_lists
from lms.requirements import models as requirements
from lms.syllabus import models as syllabus

FEATURES = (
    audit,
    jobs,
    organizations,
    people,
    accounts,
    privacy,
    records,
    regulations,
    syllabus,
    question_bank,
    courses,
    exams,
    marking,
    practice,
    requirements,
    required_lists,
    programs,
    credentials,
    interop,
    exam_sessions,
)

metadata = Base.metadata

SEARCHING = "fts_"
"""What the names of search indexes begin with, which no model describes: FTS5 tables with the
tables they keep on SQLite, GIN indexes on PostgreSQL. Their migrations write them."""


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    """Say whether a thing in the database is to be compared with the models."""
    return not (kind in {"table", "index"} and name is not None and name.startswith(SEARCHING))
