"""Pages for instructors: one question with its history, papers and what their answers say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from lms.exams import queries as exams
from lms.http.access import needs
from lms.http.addresses import row_number
from lms.http.markdown import render
from lms.http.unit_of_work import reading
from lms.kernel.clock import day_of, utc_now
from lms.kernel.errors import N_, NotFound
from lms.question_bank import queries as bank
from lms.question_bank import rules as questions
from lms.question_bank.methods.marks import FINEST
from lms.question_bank.showing import show
from lms.question_bank.types import Finding, Law, Marking, QuestionText, Severity, Snapshot
from lms.regulations import queries as regulations
from lms.reports import rules
from lms.reports.queries import papers as queries
from lms.syllabus import queries as syllabus

bp = Blueprint("papers", __name__, url_prefix="/teaching")

LAWS = "lms_laws"
"""The key in ``app.extensions`` of what reads the laws on file: :mod:`lms.web` hands it in."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A question in the analysis of a paper."""

    figures: questions.SatItem
    text: QuestionText
    guess: Fraction | None
    findings: list[Finding]

    @property
    def rank(self) -> tuple[int, float]:
        """What is worst comes first."""
        severities = [finding.severity for finding in self.findings]
        worst = 0 if Severity.FAULT in severities else 1 if severities else 2
        index = self.figures.discrimination_index
        return worst, 101.0 if index is None else index


@bp.get("/bank/questions/<key>")
@needs("teaching.view")
def question(key: str) -> ResponseReturnValue:
    """Show a question as learners see it, its key, its versions, where it is used, how it did."""
    session = reading()
    state, versions = bank.history(session, key)
    number = request.args.get("version", type=row_number)
    shown = next((one for one in versions if one.number == number), versions[0])
    text = shown.text
    return render_template(
        "papers/question.html",
        state=state,
        standing=bank.standing(session, key),
        may_write=current_user.may("bank.write"),
        may_review=current_user.may("bank.review"),
        shown=shown,
        newest=versions[0].number,
        preview=show(text.kind, text.stem, text.spec),
        outcomes=questions.explain(
            text.kind, text.spec, questions.key(text.kind, text.spec), Marking.whole()
        ),
        unit=Marking.whole().unit,
        kind=questions.kind_named(text.kind).label,
        explanation=render(text.explanation),
        history=_history(versions),
        findings=_findings(text),
        papers=rules.drawn_by(exams.papers(session), text, subject=shown.subject),
        lessons=queries.lessons_about(session, text.point_key),
        counts=queries.answer_counts(session, text.question_id),
        titles=syllabus.node_titles(session, {text.chapter_key, text.point_key}),
        may_regrade=current_user.may("teaching.regrade"),
    )


@bp.get("/papers")
@needs("teaching.view")
def papers() -> ResponseReturnValue:
    """Show the papers that learners have handed in, each with its analysis."""
    session = reading()
    return render_template(
        "papers/papers.html", papers=queries.papers_sat(session), stuck=len(exams.stuck(session))
    )


@bp.get("/papers/<key>/analysis")
@needs("teaching.view")
def paper_analysis(key: str) -> ResponseReturnValue:
    """Show how hard a paper and its questions were, and how well they told people apart."""
    session = reading()
    sat = queries.paper_sat(session, key, request.args.get("version", type=row_number))
    sittings = queries.sittings(session, sat.version_id, unit=sat.unit)
    found = questions.analyse_sittings(sittings, unit=sat.unit)
    marking = Marking.read(regulations.rule_version(session, sat.marking_rule_id).body)
    texts = bank.versions(session, [item.version_id for item in found.items])
    rows = sorted(
        (_item_row(item, texts[item.version_id], marking) for item in found.items),
        key=lambda row: (*row.rank, row.text.key),
    )
    guess = questions.mean_guess((r.guess, r.figures.n * r.figures.out_of) for r in rows)
    return render_template(
        "papers/paper_analysis.html",
        sat=sat,
        versions=queries.papers_sat(session, key),
        found=found,
        rows=rows,
        bad=[row for row in rows if row.findings and row.figures.n >= questions.FEW],
        guess=guess,
        verdicts=questions.judge_test(found.test, guess, found.out_of, unit=found.unit),
        most=queries.MOST_SITTINGS,
        few=questions.FEW,
    )


@bp.get("/papers/<key>/questions/<question_key>")
@needs("teaching.view")
def paper_question(key: str, question_key: str) -> ResponseReturnValue:
    """Show how a question did on a paper: who chose which option, the strong and the weak."""
    session = reading()
    sat = queries.paper_sat(session, key)
    _state, versions = bank.history(session, question_key)
    number = request.args.get("version", type=row_number)
    asked = _asked_version(versions, key, number)
    answers = queries.answers_on_paper(
        session, version_ids=[asked.version_id], paper_key=key, unit=FINEST
    )
    if not answers:
        raise NotFound("never_asked", N_("这份试卷上还没有人答过这道题"))
    text = asked.text
    marking = Marking.read(regulations.rule_version(session, sat.marking_rule_id).body)
    row = _item_row(
        questions.one_item(answers, out_of=sat.out_of * FINEST // sat.unit), text, marking
    )
    letters = "".join(letter for letter, _text in questions.options_of(text.kind, text.spec))
    right = questions.key(text.kind, text.spec) if letters else ""
    report = questions.option_report(answers, letters=letters, key=right)
    return render_template(
        "papers/paper_question.html",
        sat=sat,
        asked=asked,
        row=row,
        report=report,
        findings=[*row.findings, *questions.judge_options(report)],
        preview=show(text.kind, text.stem, text.spec),
        right=right,
        few=questions.FEW,
    )


def _asked_version(versions: Sequence[Snapshot], paper_key: str, number: int | None) -> Snapshot:
    """Return the version somebody asks for, or the newest that the paper has asked."""
    if number is None:
        counts = queries.answer_counts(reading(), versions[0].text.question_id)
        number = next((c.number for c in counts if c.paper_key == paper_key), None)
    found = next((one for one in versions if one.number == number), None)
    if found is None:
        raise NotFound("never_asked", N_("这份试卷上还没有人答过这道题"))
    return found


def _item_row(item: questions.SatItem, text: QuestionText, marking: Marking) -> ItemRow:
    guess = questions.random_guess(text.kind, text.spec, marking)
    return ItemRow(item, text, guess, questions.judge_item(item, guess))


def _findings(text: QuestionText) -> list[Finding]:
    """Return what is suspicious about a question today."""
    read_laws: Callable[[], Iterable[Law]] = current_app.extensions[LAWS]
    laws = questions.by_title(read_laws())
    stale = questions.check_law(text, laws, on=day_of(utc_now())) if laws else None
    return [*questions.check_question(text), *([stale] if stale else [])]


def _history(versions: Sequence[Snapshot]) -> list[tuple[Snapshot, list[questions.Change] | None]]:
    """Return versions, newest first, each with what changed; none where nothing came before."""
    changed: list[list[questions.Change] | None] = [
        questions.changes(before, after) for after, before in pairwise(versions)
    ]
    return list(zip(versions, [*changed, None], strict=True))
