"""A file of questions comes into the bank, as jobs: verdicts first, then drafts, all or none."""

import io
import zipfile
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from lms.audit.models import Entry
from lms.http.markdown import render
from lms.interop import operations
from lms.interop.models import QuestionMedium, QuestionMediumUse
from lms.interop.operations import Tools, bank, bank_asking
from lms.interop.rules import format_named
from lms.interop.types import Item, Kind, Markup, Media, Option, Text
from lms.interop.types.bridge import Defaults, JudgedQuestion, Standing
from lms.jobs import queries as jobs
from lms.jobs.operations import Worker
from lms.jobs.types import JobState
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.files import Store
from lms.kernel.transaction import transaction
from lms.kernel.vault import Key
from lms.people.types import Role
from lms.question_bank.models import QuestionDraft
from lms.question_bank.types import Filters
from tests import builders
from tests.builders import NOON
from tests.interop.question_builders import PICTURE
from tests.question_bank.builders import question

GIFT = """// [id:q1]
一？{=甲 ~乙 ~丙}

// [id:q2]
二？{=甲 ~乙#再想想 ~丙}

三{ 没有括完

四？{=甲 ~乙}
"""


@pytest.fixture
def teacher(session):
    return builders.with_role(session, Role.INSTRUCTOR)


@pytest.fixture
def desk(session, teacher, vault, tmp_path):
    """Ask for jobs as the teacher does, and work at them."""
    return Desk(session, teacher.id, vault, tmp_path)


class Desk:
    def __init__(self, session, owner_id, vault, folder):
        self.session, self.owner_id = session, owner_id
        store = Store(folder, [Key("t", b"t" * 32)])
        self.tools = Tools(vault, store, 20, 50, 10_000_000, 30)

        @contextmanager
        def writing():
            with transaction(session):
                yield session

        @contextmanager
        def reading():
            session.flush()
            yield session

        self.worker = Worker(
            writing=writing,
            reading=reading,
            kinds={kind.name: kind for kind in operations.kinds(self.tools)},
            clock=lambda: NOON,
            store=store,
            put=lambda _job_id: None,
        )

    def check(self, data, name="题.gift", *, owner_id=None, **more):
        values = {"source_format": "", "defaults": Defaults(), "encoding": ""} | more
        with transaction(self.session):
            job_id = bank_asking.ask_check(
                self.session, self.tools, io.BytesIO(data), name=name,
                owner_id=owner_id or self.owner_id, now=NOON, put=None, **values,
            )  # fmt: skip
        return self.work(job_id)

    def take(self, preview, *, owner_id=None):
        with transaction(self.session):
            job_id = bank_asking.ask_import(
                self.session, preview, owner_id=owner_id or self.owner_id, now=NOON, put=None
            )
        return self.work(job_id)

    def export(self, target, **filters):
        with transaction(self.session):
            job_id = bank_asking.ask_export(
                self.session, filters=Filters(**filters), target=target, owner_id=self.owner_id,
                now=NOON, put=None,
            )  # fmt: skip
        return self.work(job_id)

    def work(self, job_id):
        self.worker.work(job_id)
        self.session.expire_all()
        return jobs.job(self.session, job_id)

    def rows(self, job):
        parts = jobs.outcomes(self.session, job.id)
        return [JudgedQuestion.read(kept) for some in parts for kept in some]

    def drafts(self):
        found = self.session.scalars(sa.select(QuestionDraft).order_by(QuestionDraft.id))
        return list(found)


def test_a_file_becomes_drafts_and_only_when_somebody_says_so(desk, session):
    question(session, key="q1", stem="旧题？", options=["甲", "乙", "丙"], answer="A")
    session.commit()
    preview = desk.check(GIFT.encode("gb18030"))
    assert preview.state is JobState.DONE, preview.message
    assert preview.result["counts"] == {"changed": 1, "new": 2, "refused": 1}
    assert (preview.result["format"], preview.result["encoding"]) == ("gift", "gb18030")
    changed, new, refused, _last = desk.rows(preview)
    assert changed.changes[0]["message"] == "改了题干"
    assert [note.code for note in new.notes] == ["kept_feedback"]
    assert refused.reasons and refused.line == 7 and refused.draft is None
    assert desk.drafts() == [], "nothing is written before somebody confirms"

    done = desk.take(preview)
    assert done.state is JobState.DONE, done.message
    drafts = desk.drafts()
    assert [draft.key for draft in drafts][:2] == ["q1", "q2"]
    assert len(drafts) == 3 and drafts[2].key.startswith("q-")
    assert {draft.origin for draft in drafts} == {"import:gift"}
    assert {draft.batch for draft in drafts} == {f"import-{preview.id}"}
    assert "选项 B 的反馈：再想想" in drafts[1].note and drafts[0].note == ""
    assert drafts[0].question_id is not None, "a change of what is published"
    verb = sa.select(Entry.facts).where(Entry.verb == "interop.questions_imported")
    assert session.scalars(verb).one()["counts"] == {"changed": 1, "new": 2}


def test_confirmed_twice_or_worked_at_twice_it_is_one_import(desk, session):
    preview = desk.check(GIFT.encode())
    first = desk.take(preview)
    assert desk.take(preview).id == first.id
    assert len(desk.drafts()) == 3
    again = desk.check(GIFT.encode())
    assert again.result["counts"] == {"identical": 3, "refused": 1}
    with pytest.raises(Conflict) as refusal:
        bank_asking.ask_import(session, again, owner_id=desk.owner_id, now=NOON, put=None)
    assert refusal.value.code == "nothing_to_do"


def test_what_was_ticked_is_what_comes_in(desk, session):
    stem = "社工小李在走访中发现独居老人王奶奶家中断水断电，这时他首先应当采取的行动是哪一项？"
    question(session, key="old", stem=stem, options=["甲", "乙", "丙"], answer="A")
    session.commit()
    near = stem.replace("王奶奶", "韦奶奶")
    preview = desk.check(f"{near}{{=甲 ~乙 ~丙}}\n\n新？{{=甲 ~乙}}".encode())
    alike, new = desk.rows(preview)
    assert (alike.standing, alike.alike) == (Standing.ALIKE, ("old",))
    bank_asking.tick(session, preview, shown=[1, 2], chosen=[1], actor_id=desk.owner_id, now=NOON)
    session.commit()
    desk.take(preview)
    assert [draft.stem for draft in desk.drafts()] == [near]
    with pytest.raises(Conflict) as refusal:
        bank_asking.tick(session, preview, shown=[1], chosen=[], actor_id=desk.owner_id, now=NOON)
    assert refusal.value.code == "already_imported"
    assert new.standing is Standing.NEW


def test_nobody_ticks_what_cannot_be_imported(desk, session):
    preview = desk.check(GIFT.encode())
    for shown, chosen in (([3], [3]), ([1], [2]), ([99], [])):
        with pytest.raises(Invalid) as refusal:
            bank_asking.tick(
                session, preview, shown=shown, chosen=chosen, actor_id=desk.owner_id, now=NOON
            )
        assert refusal.value.code == "bad_choice"
    bank_asking.tick_all(
        session, preview, Standing.NEW, wanted=False, actor_id=desk.owner_id, now=NOON
    )
    assert bank_asking.ticked(preview, {1: bank.LEAVE, 2: bank.LEAVE, 4: bank.LEAVE}) == 0
    with pytest.raises(Invalid):
        bank_asking.tick_all(
            session, preview, Standing.REFUSED, wanted=True, actor_id=desk.owner_id, now=NOON
        )


def test_what_changed_since_the_preview_is_left_out_and_said(desk, session):
    question(session, key="q1", stem="旧题？", options=["甲", "乙", "丙"], answer="A")
    session.commit()
    preview = desk.check(GIFT.encode())
    other = builders.with_role(session, Role.INSTRUCTOR)
    session.commit()
    theirs = desk.check(GIFT.replace("一？", "壹？").encode(), owner_id=other.id)
    desk.take(theirs, owner_id=other.id)
    done = desk.take(preview)
    rows = desk.rows(done)
    assert [row.standing for row in rows] == [
        Standing.TAKEN, Standing.IDENTICAL, Standing.REFUSED, Standing.IDENTICAL,
    ]  # fmt: skip
    assert rows[0].reasons[-1].code == "changed_since" and done.result["kept"] == 0
    assert next(d for d in desk.drafts() if d.key == "q1").stem == "壹？"


def test_if_one_question_cannot_be_written_none_is(desk, session, monkeypatch):
    preview = desk.check(GIFT.encode())

    def falls_over(*_args, **_values):
        raise RuntimeError("power cut")

    monkeypatch.setattr(bank, "_keep_pictures", falls_over)
    job = desk.take(preview)
    assert job.state is JobState.QUEUED, "it is tried again"
    assert desk.drafts() == []
    monkeypatch.undo()
    assert desk.work(job.id).state is JobState.DONE
    assert len(desk.drafts()) == 3


def test_whoever_may_no_longer_teach_imports_nothing(desk, session, teacher):
    preview = desk.check(GIFT.encode())
    from lms.people.models import RoleGrant

    session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == teacher.id))
    session.commit()
    job = desk.take(preview)
    assert job.state is JobState.FAILED
    assert desk.drafts() == []


@pytest.mark.parametrize(
    ("values", "code"),
    [({"chapter": "x"}, "no_node"), ({"point": "x"}, "no_node")],
)
def test_defaults_must_be_places_of_the_outline(desk, values, code):
    with pytest.raises(Invalid) as refusal:
        desk.check(b"x{}", defaults=Defaults(**values))
    assert refusal.value.code == code


def moodle(*media, stem='看图：<img src="media/图.png">'):
    options = tuple(Option(Text(text), text == "甲") for text in "甲乙丙")
    item = Item(Kind.SINGLE_CHOICE, Text(stem, Markup.HTML), options=options)
    return format_named("moodle_xml").write([item], list(media))


def test_a_picture_comes_along_once_and_goes_out_again(desk, session):
    preview = desk.check(moodle(PICTURE), "图.xml")
    assert preview.result["pictures"] == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionMedium)) == 0
    desk.take(preview)
    (draft,) = desk.drafts()
    medium = session.scalars(sa.select(QuestionMedium)).one()
    assert f"/question-media/{medium.digest}.png" in draft.stem and draft.note == ""
    assert desk.tools.store.read(medium.key) == PICTURE.data
    more = desk.check(moodle(PICTURE, stem='再看：<img src="media/图.png">'), "又.xml")
    desk.take(more)
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionMedium)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionMediumUse)) == 2

    question(session, key="p", stem=draft.stem, options=["甲", "乙", "丙"], answer="A")
    session.commit()
    job = desk.export("moodle_xml")
    assert job.state is JobState.DONE, job.message
    stored = jobs.stored_file(session, job.files["moodle_xml"])
    read = format_named("moodle_xml").read(desk.tools.store.read(stored.key), name="x.xml")
    assert [one.data for one in read.media] == [PICTURE.data]
    assert [message for message, _params, _n in job.result["lost"]]


def test_a_picture_that_does_not_come_along_is_said(desk):
    (row,) = desk.rows(desk.check(moodle(), "图.xml"))
    assert [note.code for note in row.notes] == ["media_missing"]


def test_a_picture_is_taken_back_if_the_import_fails(desk, session, monkeypatch):
    preview = desk.check(moodle(PICTURE), "图.xml")

    def falls_over(*_args, **_values):
        raise RuntimeError("power cut")

    files = {path for path in desk.tools.store.folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(bank, "_became", falls_over)
    desk.take(preview)
    assert {path for path in desk.tools.store.folder.rglob("*") if path.is_file()} == files
    assert session.scalar(sa.select(sa.func.count()).select_from(QuestionMedium)) == 0


def test_an_empty_search_exports_nothing(desk):
    assert desk.export("gift", subject="none").state is JobState.FAILED


def package(*names):
    made = io.BytesIO(format_named("qti22").write([Item(Kind.ESSAY, Text("？"))]))
    with zipfile.ZipFile(made, "a") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"x")
    return made.getvalue()


DTD = b"""<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="essay"><questiontext><text>&b;&x;
</text></questiontext></question></quiz>"""
WHOLE = format_named("spreadsheet").write([Item(Kind.ESSAY, Text("谈谈。"))])
BAD = {
    "truncated package": (WHOLE[:200], "x.xlsx", "看不出文件是什么格式"),
    "truncated XML": (b"<quiz><question type='essay'>", "x.xml", "不是完整的 XML"),
    "wrong extension": (PICTURE.data, "x.gift", "不是 gb18030 文字"),
    "wrong encoding": (b"\xff\xff\xff", "x.gift", "不是 gb18030 文字"),
    "XML bomb and outside entity": (DTD, "x.xml", "DTD"),
    "a name that leaves the package": (package("../evil.txt"), "x.zip", "指向外面"),
    "old Office": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "x.docx", "旧版 Office"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_whole_and_says_why(desk, name):
    data, file, said = BAD[name]
    job = desk.check(data, file, source_format="qti22" if file == "x.zip" else "")
    assert job.state is JobState.FAILED
    assert said in job.message % dict(job.values)
    assert desk.rows(job) == [] and desk.drafts() == []


def test_a_bad_question_is_reported_by_line_and_stops_no_other(desk):
    options = "".join(f"~{n}" for n in range(100_000))
    text = (
        f"// [id:a]\n一？{{=甲 {options}}}\n\n// [id:b]\n二？{{=甲 ~乙}}\n\n// [id:b]\n三？{{=甲 ~丙}}"
        "\n\n四{ 没有括完\n\n五？{=<script>alert(1)</script>甲 ~乙}"
    )
    preview = desk.check(text.encode())
    rows = desk.rows(preview)
    assert [(row.standing, row.line) for row in rows] == [
        (Standing.REFUSED, 2), (Standing.NEW, 5), (Standing.REFUSED, 8), (Standing.REFUSED, 10),
        (Standing.NEW, 12),
    ]  # fmt: skip
    assert [row.reasons[0].code for row in rows if row.reasons] == [
        "no_question", "duplicate_id", "no_question",
    ]  # fmt: skip
    assert [row.notes[0].code for row in rows if row.notes] == ["too_many", "unpaired_brace"]
    desk.take(preview)
    kept, other = desk.drafts()
    assert kept.key == "b"
    assert "<script" not in str(render(other.spec["options"][0])).lower()


def test_a_file_beyond_the_limit_of_the_house_is_refused_at_once(desk, session):
    with pytest.raises(Invalid) as refusal:
        desk.check(b"x" * 10_000_001, "x.xml")
    assert refusal.value.code == "file_too_large"
    session.rollback()
    assert not [path for path in desk.tools.store.folder.rglob("*") if path.is_file()]


def test_a_picture_that_is_none_is_left_out_and_said(desk):
    for data in (b"<svg onload=alert(1)>", PICTURE.data[:16] + b"\xff" * 8 + PICTURE.data[24:]):
        written = moodle(Media("图.png", data, "image/png"))
        (row,) = desk.rows(desk.check(written, "图.xml"))
        assert {"media_unknown", "media_too_big"} & {note.code for note in row.notes}
