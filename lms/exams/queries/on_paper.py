"""Papers that are sat on paper, and what was typed in from them."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.exams import rules
from lms.exams.models import (
    Attempt,
    Paper,
    PaperEntry,
    PaperPrint,
    PaperVersion,
    RegradeResult,
)
from lms.exams.queries.attempts import IS_NEWEST
from lms.exams.types.on_paper import EnteredLine, Printed, PrintLine
from lms.kernel.errors import N_, NotFound
from lms.organizations import queries as organizations
from lms.organizations.models import Organization
from lms.people.models import Person
from lms.people.queries import people_within
from lms.regulations.models import RuleVersion

MOST_PRINTS = 100
"""The newest that a list shows."""


def printed(session: Session, print_id: int, *, scope: Collection[int]) -> Printed:
    """Return a print of a unit below ``scope``. One statement.

    :raises NotFound: ``no_print``: there is none, or it is somebody else's.
    """
    row = session.execute(
        sa.select(
            PaperPrint,
            PaperVersion,
            Paper.key,
            RuleVersion.body,
            Organization.name.label("unit"),
            Person.name.label("who"),
        )
        .join(PaperVersion, PaperVersion.id == PaperPrint.paper_version_id)
        .join(Paper, Paper.id == PaperVersion.paper_id)
        .join(RuleVersion, RuleVersion.id == PaperPrint.marking_rule_id)
        .join(Organization, Organization.id == PaperPrint.organization_id)
        .join(Person, Person.id == PaperPrint.printed_by_id)
        .where(
            PaperPrint.id == print_id,
            PaperPrint.organization_id.in_(organizations.ids_within(scope)),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("no_print", N_("没有这份纸质卷"))
    made, version = row.PaperPrint, row.PaperVersion
    return Printed(
        id=made.id,
        paper_key=row.key,
        paper_version_id=version.id,
        version_number=version.number,
        title=version.title,
        title_en=version.title_en,
        subject=version.subject,
        minutes=version.minutes,
        blueprint=rules.read_blueprint(version.blueprint, sittable=True),
        marking_rule_id=made.marking_rule_id,
        marking=row.body,
        seed=made.seed,
        slots=rules.read_slots(made.slots),
        note=made.note,
        unit=row.unit,
        printed_by=row.who,
        printed_at=made.printed_at,
    )


def prints(session: Session, *, scope: Collection[int]) -> list[PrintLine]:
    """Return the newest prints of units below ``scope``. One statement."""
    entered = (
        sa.select(sa.func.count())
        .where(PaperEntry.print_id == PaperPrint.id)
        .correlate(PaperPrint)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            PaperPrint.id,
            PaperVersion.title,
            PaperVersion.title_en,
            PaperPrint.note,
            Organization.name,
            PaperPrint.printed_at,
            entered,
        )
        .join(PaperVersion, PaperVersion.id == PaperPrint.paper_version_id)
        .join(Organization, Organization.id == PaperPrint.organization_id)
        .where(PaperPrint.organization_id.in_(organizations.ids_within(scope)))
        .order_by(PaperPrint.id.desc())
        .limit(MOST_PRINTS)
    )
    return [PrintLine(*row) for row in rows]


def entered_from(
    session: Session, print_id: int, *, scope: Collection[int], on: date
) -> list[EnteredLine]:
    """Return the cards of a print that belong to people below ``scope``, by name. One statement."""
    rows = session.execute(
        sa.select(
            Person.id,
            Person.name,
            PaperEntry.sat_on,
            # marked anew, or as it was typed in
            sa.func.coalesce(RegradeResult.earned, Attempt.earned),
            sa.func.coalesce(RegradeResult.out_of, Attempt.out_of),
            sa.func.coalesce(RegradeResult.passed, Attempt.passed),
            sa.func.coalesce(RegradeResult.unit, Attempt.unit),
        )
        .join(Person, Person.id == PaperEntry.learner_id)
        .join(
            Attempt,
            sa.and_(
                Attempt.learner_id == PaperEntry.learner_id,
                Attempt.number == PaperEntry.attempt_number,
            ),
        )
        .outerjoin(RegradeResult, IS_NEWEST)
        .where(PaperEntry.print_id == print_id, Person.id.in_(people_within(scope, on)))
        .order_by(Person.name, Person.id)
    )
    return [
        EnteredLine(id_, name, sat_on, earned or 0, out_of or 0, passed=bool(passed), unit=unit)
        for id_, name, sat_on, earned, out_of, passed, unit in rows
    ]
