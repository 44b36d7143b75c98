"""Imports: previews and outcomes are for whoever uploaded the list."""

import io

from lms.interop.types import Judged, Note, Verdict
from lms.interop.types.bridge import JudgedQuestion, Standing
from lms.jobs import operations
from lms.organizations.models import Organization
from tests.builders import NOON
from tests.jobs.builders import asked
from tests.web.scope_samples.asking import OUTSIDER, Sample, World, sample
from tests.web.scope_samples.jobs import job_of


def _made(world: World, place: Organization, kind: str) -> int:
    """A job that has judged two rows, one of them in doubt."""
    job_id = job_of(world, place, kind)
    name = OUTSIDER if place is world.theirs else "杨梅"
    rows = [Judged(2, name, Verdict.NEW).plain(), Judged(3, name, Verdict.POSSIBLE).plain()]
    held = operations.claim(world.session, job_id, worker="here:1", now=NOON)
    operations.advance(world.session, held, number=0, size=2, outcome=rows)
    result = {
        "counts": {"new": 1, "possible": 1},
        "doubts": [],
        "rows": 2,
        "header": 1,
        "encoding": "utf-8",
        "sheet": "",
        "other_sheets": [],
        "unknown": [],
    }
    operations.finish(world.session, held, result=result, now=NOON)
    return job_id


@sample("interop.preview")
def _preview(world: World, place: Organization) -> Sample:
    return Sample(f"/imports/preview/{_made(world, place, 'people.check')}")


@sample("interop.choose", "POST")
def _choose(world: World, place: Organization) -> Sample:
    job_id = _made(world, place, "people.check")
    return Sample(f"/imports/preview/{job_id}/choices", {"row-3": "another"})


@sample("interop.confirm", "POST")
def _confirm(world: World, place: Organization) -> Sample:
    job_id = _made(world, place, "people.check")
    return Sample(f"/imports/preview/{job_id}/confirm", {}, shows="/imports/outcome/")


@sample("interop.outcome")
def _outcome(world: World, place: Organization) -> Sample:
    return Sample(f"/imports/outcome/{_made(world, place, 'people.import')}")


def _questions(world: World, place: Organization, kind: str) -> int:
    """A job about questions that has judged one, which was not understood."""
    owner_id = world.clerk(place)
    name = OUTSIDER if place is world.theirs else "题目"
    arguments = {"name": f"{name}.gift", "sha256": "", "file": 1, "format": "gift"}
    job_id = asked(world.session, kind=kind, owner_id=owner_id, arguments=arguments)
    reason = Note("no_stem", "没有题干")
    row = JudgedQuestion(1, Standing.REFUSED, name, 1, "", (), (), (reason,), (), None, "")
    held = operations.claim(world.session, job_id, worker="here:1", now=NOON)
    operations.advance(world.session, held, number=0, size=1, outcome=[row.plain()])
    file_id = operations.keep_file(
        world.session,
        world.store,
        io.BytesIO(OUTSIDER.encode()),
        name="题.gift",
        at_most=99,
        days=30,
        owner_id=owner_id,
        now=NOON,
    )
    result = {
        "counts": {"refused": 1},
        "rows": 1,
        "format": "gift",
        "encoding": "utf-8",
        "pictures": 0,
        "notes": [],
        "noted": 1,
        "kept": 0,
        "lost": [],
        "files": {"gift": file_id},
    }
    operations.finish(world.session, held, result=result, now=NOON)
    return job_id


@sample("interop.question_preview")
def _question_preview(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.check")
    return Sample(f"/teaching/bank/import/{job_id}")


@sample("interop.question_ticks", "POST")
def _question_ticks(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.check")
    return Sample(f"/teaching/bank/import/{job_id}/ticks", {})


@sample("interop.question_confirm", "POST")
def _question_confirm(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.check")
    return Sample(f"/teaching/bank/import/{job_id}/confirm", {})


@sample("interop.question_outcome")
def _question_outcome(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.import")
    return Sample(f"/teaching/bank/import/outcome/{job_id}")


@sample("interop.question_export")
def _question_export(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.export")
    return Sample(f"/teaching/bank/export/{job_id}")


@sample("interop.export_file")
def _export_file(world: World, place: Organization) -> Sample:
    job_id = _questions(world, place, "questions.export")
    return Sample(f"/teaching/bank/export/{job_id}/file")
