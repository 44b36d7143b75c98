"""Every table with rows of a person: what it is called, what is secret, what stays. Pure.

The export of one's own data walks all tables of the database: a table that is not named here is
exported all the same, under its own name, and a test asks for a line here. The same line says
whether its rows stay when the account is closed, and why.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lms.kernel.errors import N_

HOLDER = ("learner_id", "person_id", "holder_id")
"""Columns that say whose row it is."""

ACTING = frozenset(
    {
        "actor_id",
        "answered_by",
        "applied_by",
        "asked_by",
        "author_id",
        "changed_by",
        "chosen_by",
        "created_by_id",
        "done_by",
        "duplicate_id",
        "granted_by",
        "made_by",
        "entered_by_id",
        "printed_by_id",
        "marker_id",
        "decided_by_id",
        "assigned_by_id",
        "ended_by_id",
        "merged_by",
        "merged_into_id",
        "owner_id",
        "proposed_by",
        "reviewer_id",
        "revoked_by",
        "taken_back_by",
        "undo_asked_by",
        "undone_by",
        "withdrawn_by",
    }
)
"""Columns that say who did something to a row, or which file it went into: not whose it is."""

SECRET = re.compile(r"(password|hash|digest|secret|sealed|token|epoch)(?!.*_at$)")
"""Names of columns that never leave as they are stored: opened for their owner, or left out."""

_LEARNED = N_("学习记录：单位的培训档案要用，证书的依据也在这里")
_PROOF = N_("证明当时办过什么、答复过什么")


@dataclass(frozen=True, slots=True)
class Holding:
    """One table of what is held of a person."""

    title: str
    """A message id."""
    stays: str = ""
    """Why its rows stay when the account is closed, a message id; empty: they are erased."""
    holder: str = ""
    """The column that says whose row it is, if it is none of ``HOLDER``."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Column -> why it is left out of the export."""
    withheld: Collection[str] = ()
    """Columns that stay empty until the keys of the paper are released: what a single answer earned
    tells its key to whoever chose it."""
    opened: Mapping[str, str] = field(default_factory=dict)
    """Sealed column -> for whom it was sealed, by columns of the row: ``person:{person_id}``."""
    left_out: str = ""
    """Why the whole table is left out of the export."""


_LOOK_UP = {"digest": "a keyed digest by which the number is found; says nothing more than it"}

HOLDINGS: Mapping[str, Holding] = {
    "person": Holding(
        N_("本人档案"),
        stays=N_("账号编号要和学习记录、证书对得上；姓名只在发过证书时保留，其余项目清空"),
        holder="id",
        hidden={
            "password_hash": "a secret",
            "session_epoch": "a counter that ends sessions",
            "name_key": "the name once more, without spaces and dots, for searching",
        },
    ),
    "account": Holding(
        N_("登录方式"),
        hidden={
            "factor_sealed": "the secret of the second factor",
            "factor_counter": "a counter of the second factor",
        },
    ),
    "old_password": Holding(N_("用过的密码"), left_out="secrets: only their hashes are kept"),
    "recovery_code": Holding(N_("恢复码"), left_out="secrets: only their digests are kept"),
    "password_link": Holding(N_("设密码链接"), hidden={"digest": "a secret"}),
    "sso_identity": Holding(N_("单点登录")),
    "help_request": Holding(N_("登录求助")),
    "person_merge": Holding(
        N_("合并过的档案"),
        holder="survivor_id",
        hidden={"carried": "for the way back; the rows themselves are exported"},
    ),
    "former_name": Holding(N_("曾用名"), hidden={"name_key": "the name once more, for searching"}),
    "person_phone": Holding(
        N_("手机号"), opened={"sealed": "person:{person_id}/phone"}, hidden=_LOOK_UP
    ),
    "identity_document": Holding(
        N_("身份证件"), opened={"sealed": "person:{person_id}/{kind}"}, hidden=_LOOK_UP
    ),
    "post": Holding(N_("工作岗位"), stays=N_("单位的用人和学时统计要用")),
    "role_grant": Holding(N_("角色")),
    "cadre_class_member": Holding(N_("干部班次"), stays=_LEARNED),
    "consent": Holding(N_("对告知书的答复"), stays=N_("证明当时是否同意过")),
    "correction_request": Holding(
        N_("更正申请"),
        stays=_PROOF,
        opened={"sealed": "person:{learner_id}/correction:{number}"},
        hidden={"token": "of the form it was sent by"},
    ),
    "closing_request": Holding(N_("注销申请"), stays=_PROOF),
    "record": Holding(
        N_("学习档案"), stays=_LEARNED, hidden={"dedupe_key": "tells a deed sent twice"}
    ),
    "assignment": Holding(N_("分到的必学清单"), stays=_LEARNED),
    "progress": Holding(N_("进度"), stays=_LEARNED),
    "enrollment": Holding(N_("学过的课程"), stays=_LEARNED),
    "lesson_progress": Holding(N_("课程进度"), stays=_LEARNED),
    "first_answer": Holding(N_("自测题的首次作答"), stays=_LEARNED),
    "attempt": Holding(N_("考试"), stays=_LEARNED),
    "extra_time": Holding(N_("延长的考试时间"), stays=_LEARNED),
    "attempt_extension": Holding(
        N_("考试中的延时"), stays=_LEARNED, hidden={"token": "of the form it was given by"}
    ),
    "stuck_attempt": Holding(
        N_("交不上的卷子"),
        stays=_LEARNED,
        left_out="how marking failed: a fault of the platform, nothing of the person",
    ),
    "response": Holding(N_("考试的作答"), stays=_LEARNED, withheld=("earned",)),
    "regrade_result": Holding(N_("考试的改分"), stays=_LEARNED, withheld=("slots",)),
    "session_seat": Holding(
        N_("考试场次的座位"),
        stays=_LEARNED,
        hidden={
            "seed": "a paper that nobody may see before the start",
            "slots": "a paper that nobody may see before the start",
        },
    ),
    "session_attempt": Holding(N_("在场次里考的试"), stays=_LEARNED),
    "session_pool_paper": Holding(
        N_("领到的预备试卷"),
        stays=_LEARNED,
        hidden={
            "seed": "told with the attempt",
            "slots": "told with the attempt",
        },
    ),
    "paper_entry": Holding(N_("纸质考试的录入"), stays=_LEARNED),
    "judged_answer": Holding(N_("要人阅卷的答案"), stays=_LEARNED, withheld=("earned",)),
    "judged_mark": Holding(N_("阅卷的定分"), stays=_LEARNED, withheld=("given", "comments")),
    "mark_share": Holding(
        N_("阅卷人的给分"),
        stays=_LEARNED,
        left_out="what one marker gave before an answer is settled, and who: markers are blind to "
        "each other, and the settled marks with their comments are told with the settled answer",
    ),
    "marker_assignment": Holding(N_("分派的阅卷"), stays=_PROOF, holder="marker_id"),
    "card_correction": Holding(N_("答题卡的更正"), stays=_LEARNED),
    "drill_answer": Holding(N_("练习的作答"), hidden={"token": "of the form it was sent by"}),
    "drill_self_mark": Holding(N_("练习的自评")),
    "mistake_report": Holding(N_("试题纠错")),
    "review_card": Holding(N_("错题本")),
    "program_member": Holding(N_("参加的人才项目"), stays=_LEARNED),
    "credential": Holding(
        N_("证书"), stays=N_("别人手里的证书还要能查验；发过的证书不能改也不能删")
    ),
}
"""Table -> what it holds of a person."""


def by_reason() -> dict[str, list[str]]:
    """Return why something stays when an account is closed (empty: it goes) -> titles of what."""
    found: dict[str, list[str]] = {"": []}
    for held in HOLDINGS.values():
        found.setdefault(held.stays, []).append(held.title)
    return found


def holder_column(table: str, columns: Collection[str]) -> str | None:
    """Return the column that says whose row it is, or none if the table is nobody's."""
    known = HOLDINGS.get(table)
    if known is not None and known.holder:
        return known.holder
    return next((name for name in HOLDER if name in columns), None)


def shown_columns(table: str, columns: Collection[str]) -> list[str]:
    """Return the columns that are exported. A secret one that nobody declared is left out."""
    known = HOLDINGS.get(table, Holding(table))
    return [
        name
        for name in columns
        if name not in known.hidden and (name in known.opened or not SECRET.search(name))
    ]
