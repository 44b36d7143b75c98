"""``python -m bench.questions``: how long a large file of questions takes, from GIFT to drafts.

Fills a bank with 20,000 invented questions, writes others to a GIFT file and imports it by
``lms questions import`` in a process of its own: looked at only, then for good, then once more,
when nothing may change.
"""

import tempfile
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.bank import invented
from bench.databases import Missing, temporary
from bench.imports import run
from lms.interop.rules import format_named, item_of
from lms.kernel.clock import utc_now
from lms.kernel.databases import make_engine
from lms.kernel.transaction import transaction
from lms.migrations import runner
from lms.organizations import operations as organizations
from lms.organizations.models import Organization
from lms.people.models import Person, RoleGrant
from lms.people.types import Role
from lms.question_bank import operations
from lms.question_bank.content import QuestionFile
from lms.web.demo import places

TEACHER = "bench-teacher"


@click.command()
@click.option("--questions", default=10_000, show_default=True, type=click.IntRange(100, 100_000))
@click.option("--bank", default=20_000, show_default=True, type=click.IntRange(100, 200_000))
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both")
def main(*, questions: int, bank: int, database: str) -> None:
    """Measure the import of questions. Exit status 0, whatever was measured."""
    files = invented(bank + questions, seed=1)
    for name in ("sqlite", "postgresql") if database == "both" else (database,):
        with tempfile.TemporaryDirectory(prefix="bench-questions-") as folder:
            try:
                _measure(name, files[:bank], files[bank:], Path(folder))
            except Missing as why:
                click.echo(f"{name}: skipped: {why}")


def write_gift(path: Path, files: list[QuestionFile]) -> None:
    """Write questions as another program would: without our numbers."""
    items = [item_of("", file) for file in files]
    path.write_bytes(format_named("gift").write(items))


def prepare(url: str, files: list[QuestionFile]) -> None:
    """Build the schema, fill the bank and let somebody teach."""
    engine = make_engine(url)
    runner.upgrade(engine)
    with Session(engine) as session, transaction(session):
        operations.load(session, files, now=utc_now())
        organizations.add_tree(session, places.tree()[:1], now=utc_now())
        person = Person(user_name=TEACHER, name="测试", created_at=utc_now())
        session.add(person)
        session.flush()
        session.add(
            RoleGrant(
                person_id=person.id,
                role=Role.INSTRUCTOR,
                organization_id=session.scalars(sa.select(Organization.id)).first(),
            )
        )
    engine.dispose()


def _measure(name: str, bank: list[QuestionFile], more: list[QuestionFile], folder: Path) -> None:
    with temporary(name, folder) as url:
        prepare(url, bank)
        path = folder / "questions.gift"
        write_gift(path, more)
        environment = {"LMS_HOME": str(folder), "LMS_DATABASE_URL": url}
        command = ["questions", "import", str(path), "--by", TEACHER, "--json"]
        idle = run(["questions", "formats"], environment).processor_seconds
        for words, options in (
            ("looked at", ["--dry-run"]),
            ("looked at and imported", ["--yes", "--also", "alike", "--also", "duplicate"]),
            ("the same again", ["--dry-run"]),
        ):
            told = run([*command, *options], environment, ends={0, 1})
            each = (told.processor_seconds - idle) / len(more) * 1000
            click.echo(
                f"{name:<11} {words:<23} {len(more):>7,} into {len(bank):,}: "
                f"{told.seconds:6.1f} s, "
                f"{told.processor_seconds:5.1f} s of processor ({each:.2f} s for a thousand), "
                f"{told.peak_megabytes:4.0f} MB"
            )


if __name__ == "__main__":
    main()
