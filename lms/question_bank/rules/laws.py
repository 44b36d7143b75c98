"""Whether what a question rests on is still in force. Pure: laws are dated data."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise

from lms.kernel import reading
from lms.kernel.errors import N_, Invalid
from lms.kernel.reading import Raw
from lms.question_bank.types import Checkable, Finding, Law, LawEdition, Severity
from lms.syllabus.types import CERTAINTIES

_LAW = ("title", "certainty", "source", "note", "edition")
_EDITION = ("name", "effective_from", "effective_to", "replaced_by")


def read_law(raw: Raw) -> Law:
    """Read one author's table of a law.

    An edition ends on the day before the next begins, or on its own ``effective_to``.

    :raises Invalid: naming the faulty key.
    """
    reading.only(raw, _LAW)
    editions: list[LawEdition] = []
    for index, table in enumerate(reading.tables(raw, "edition", at_least=1)):
        with reading.within("edition", index):
            reading.only(table, _EDITION)
            edition = LawEdition(
                name=reading.text(table, "name"),
                effective_from=reading.day(table, "effective_from"),
                effective_to=reading.optional_day(table, "effective_to"),
                replaced_by=reading.text(table, "replaced_by", default=""),
            )
            if editions and edition.effective_from <= editions[-1].effective_from:
                raise Invalid("out_of_order", N_("要按施行日期从早到晚写"), where="effective_from")
        editions.append(edition)
    return Law(
        title=reading.text(raw, "title"),
        editions=tuple(_chained(editions)),
        certainty=reading.choice(raw, "certainty", CERTAINTIES),
        source=reading.text(raw, "source"),
    )


def by_title(laws: Iterable[Law]) -> dict[str, Law]:
    """Return laws by the title under which questions name them."""
    return {_bare(law.title): law for law in laws}


def check_law(question: Checkable, laws: Mapping[str, Law], *, on: date) -> Finding | None:
    """Say what is stale about the law or policy that a question rests on, if anything is.

    :param laws: by title, see :func:`by_title`.
    """
    source = question.source
    if source["kind"] == "concept":
        return None
    title, name = source["title"], source.get("edition", "")
    law = laws.get(_bare(title))
    if law is None:
        if source["kind"] != "law":
            return None
        message = N_("laws.toml 里没有《%(title)s》：不知道它有没有修订")
        return _finding(question, "law_unknown", Severity.WARNING, message, title=_bare(title))
    edition = next((edition for edition in law.editions if edition.name == name), None)
    if edition is None:
        known = "、".join(edition.name for edition in law.editions)
        message = N_("《%(title)s》没有“%(name)s”这一版；有：%(known)s")
        return _finding(
            question, "edition_unknown", Severity.WARNING, message,
            title=law.title, name=name, known=known,
        )  # fmt: skip
    return _check_dates(question, law, edition, on)


def _check_dates(question: Checkable, law: Law, edition: LawEdition, on: date) -> Finding | None:
    about = {"title": law.title, "name": edition.name}
    ends = edition.effective_to
    if ends is not None and ends < on:
        day = ends + timedelta(days=1)
        about |= {"day": day.isoformat(), "by": edition.replaced_by}
        message = (
            N_("《%(title)s》%(name)s 已于 %(day)s 被 %(by)s 取代")
            if edition.replaced_by
            else N_("《%(title)s》%(name)s 已于 %(day)s 失效")
        )
        return _finding(question, "law_superseded", Severity.FAULT, message, **about)
    starts = edition.effective_from
    if starts > on:
        message = N_("《%(title)s》%(name)s 要到 %(day)s 才施行")
        return _finding(
            question, "law_not_yet", Severity.WARNING, message, **about, day=starts.isoformat()
        )
    if ends is not None:
        day = ends + timedelta(days=1)
        message = N_("《%(title)s》%(name)s 将于 %(day)s 被 %(by)s 取代")
        more = {"day": day.isoformat(), "by": edition.replaced_by}
        return _finding(question, "law_ending", Severity.WARNING, message, **about, **more)
    if question.valid_on < starts:
        message = N_("核对日期 %(checked)s 早于《%(title)s》%(name)s 的施行日期 %(day)s")
        more = {"day": starts.isoformat(), "checked": question.valid_on.isoformat()}
        return _finding(question, "checked_too_early", Severity.WARNING, message, **about, **more)
    return None


def _finding(
    question: Checkable, code: str, severity: Severity, message: str, **params: object
) -> Finding:
    place = "valid_on" if code == "checked_too_early" else "source"
    return Finding(code, severity, place, message, params, (question.key,))


def _chained(editions: Iterable[LawEdition]) -> list[LawEdition]:
    listed = list(editions)
    chained = [
        LawEdition(
            name=this.name,
            effective_from=this.effective_from,
            effective_to=this.effective_to or following.effective_from - timedelta(days=1),
            replaced_by=this.replaced_by or following.name,
        )
        for this, following in pairwise(listed)
    ]
    return chained + listed[-1:]


def _bare(title: str) -> str:
    return title.strip().removeprefix("《").removesuffix("》")
