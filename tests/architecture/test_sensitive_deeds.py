"""Whatever is sensitive is written into the audit trail, in the deed itself.

A table of deeds and their verbs. Whoever adds a deed whose name says that it is sensitive adds it
here, or says why it writes no line.
"""

import ast
import re
from functools import cache

import pytest

from lms.audit.rules import VERBS
from tests.architecture.test_layers import MODULES, dotted, parts, tree
from tests.audit.test_verbs import written

DEEDS = {
    "lms.credentials.operations.change": "credentials.revoked",
    "lms.credentials.operations.check": "credentials.checked",
    "lms.accounts.operations.factors.confirm_factor": "accounts.factor_set",
    "lms.accounts.operations.factors.remove_factor": "accounts.factor_removed",
    "lms.accounts.operations.factors.reset_factor": "accounts.factor_reset",
    "lms.accounts.operations.helping.revoke_links": "accounts.links_revoked",
    "lms.accounts.operations.identities.link_identity": "accounts.identity_linked",
    "lms.accounts.operations.identities.unlink_identity": "accounts.identity_unlinked",
    "lms.accounts.operations.passwords.put_password": "accounts.password_changed",
    "lms.accounts.operations.passwords.unlock": "accounts.unlocked",
    "lms.accounts.operations.signing_in.end_sessions": "accounts.sessions_ended",
    "lms.accounts.operations.signing_in.note_failure": "accounts.sign_in_failed",
    "lms.accounts.operations.signing_in.note_sign_in": "accounts.signed_in",
    "lms.exam_sessions.operations.planning.note_export": "exam_sessions.monitor_exported",
    "lms.exams.operations.regrading.apply_regrade": "exams.regrade_applied",
    "lms.exams.operations.regrading.approve_undo": "exams.regrade_undone",
    "lms.exams.operations.regrading.take_back": "exams.regrade_undone",
    "lms.exams.operations.regrading.withdraw": "exams.regrade_withdrawn",
    "lms.exams.operations.regrading.withdraw_regrade": "exams.regrade_withdrawn",
    "lms.exams.operations.timing.grant_extra_time": "exams.extra_time_granted",
    "lms.exams.operations.timing.revoke_extra_time": "exams.extra_time_revoked",
    "lms.interop.operations.bank.note_export": "interop.questions_exported",
    "lms.marking.operations.giving.take_back": "marking.marks_taken_back",
    "lms.people.operations.exporting.export_people": "people.list_exported",
    "lms.people.operations.merging.merge": "people.duplicate_merged",
    "lms.people.operations.merging.undo_merge": "people.merge_undone",
    "lms.people.operations.numbers.reveal": "people.number_revealed",
    "lms.people.operations.persons.add_person": "people.person_added",
    "lms.people.operations.roles.grant_role": "people.role_granted",
    "lms.people.operations.roles.revoke_role": "people.role_revoked",
    "lms.privacy.operations.closing.ask_closing": "privacy.closing_asked",
    "lms.privacy.operations.closing.close_account": "privacy.account_closed",
    "lms.privacy.operations.closing.take_back": "privacy.closing_taken_back",
    "lms.privacy.operations.consents.answer": "privacy.consent_given",
    "lms.privacy.operations.corrections.answer_correction": "privacy.correction_answered",
    "lms.privacy.operations.corrections.ask_correction": "privacy.correction_asked",
    "lms.privacy.operations.corrections.erase_answered": "privacy.corrections_erased",
    "lms.privacy.operations.corrections.reveal_correction": "privacy.correction_revealed",
    "lms.privacy.operations.retention.set_days": "privacy.retention_changed",
    "lms.question_bank.operations.reviewing.take_back": "question_bank.draft_taken_back",
    "lms.required_lists.operations.withdraw": "required_lists.list_withdrawn",
    "lms.reports.operations.begin_trail_export": "audit.trail_exported",
    "lms.reports.operations.export_own_data": "privacy.data_exported",
}
"""Deed -> the verb of the line it writes."""

THROUGH = {
    "lms.interop.operations.asking.ask_import": ("ask", "jobs.job_asked"),
    "lms.interop.operations.bank_asking.ask_export": ("ask", "jobs.job_asked"),
    "lms.interop.operations.bank_asking.ask_import": ("ask", "jobs.job_asked"),
    "lms.organizations.operations.closing.close": (
        "write_down",
        "organizations.organization_closed",
    ),
    "lms.organizations.operations.moving.merge": (
        "write_down",
        "organizations.organization_merged",
    ),
}
"""Deed -> the function of another module that writes its line, and the verb."""

SILENT = {
    "lms.interop.operations.bank.exported": "makes the bytes; who lets them out calls note_export",
    "lms.accounts.operations.signing_in.check_password": "reads; who asks writes how it ended",
    "lms.organizations.operations.closing.check_close": "reads, and says what closing would do",
    "lms.organizations.operations.moving.check_merge": "reads, and says what merging would do",
    "lms.people.operations.passwords.hash_password": "computes, stores nothing",
    "lms.people.operations.rows.grant_row": "a row; who stores it writes it down",
    "lms.privacy.operations.consents.end_consents": "a part of close_account, which writes it down",
    "lms.reports.operations.close_due_accounts": "calls close_account, which writes it down",
}
"""Deed whose name sounds sensitive -> why it writes no line."""

SENSITIVE = re.compile(
    r"reveal|export|import|grant|revoke|withdraw|erase|clos|merge|unmerge|reset|unlock|password|"
    r"sign_in|session|consent|factor|link_identity|take_back"
)
"""What is in the name of a deed that views unmasked data, changes rights, or lets data out."""


@cache
def deeds() -> dict[str, ast.FunctionDef]:
    """Every public function of an operations module, by its dotted name."""
    return {
        f"{dotted(path)}.{node.name}": node
        for path in MODULES
        if parts(path)[1] == "operations"
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def reached(name: str) -> ast.Module:
    """A deed and the private functions of its module that it calls, however deep."""
    module = name.rpartition(".")[0]
    path = next(path for path in MODULES if dotted(path) == module)
    own = {n.name: n for n in tree(path).body if isinstance(n, ast.FunctionDef)}
    found, waiting = {}, [name.rpartition(".")[2]]
    while waiting:
        one = waiting.pop()
        if one in own and one not in found:
            found[one] = own[one]
            waiting += [n.id for n in ast.walk(own[one]) if isinstance(n, ast.Name) and n.id in own]
    return ast.Module(body=list(found.values()), type_ignores=[])


@pytest.mark.parametrize("name", DEEDS)
def test_a_sensitive_deed_writes_its_line(name):
    assert name in deeds()
    assert DEEDS[name] in written(reached(name))


@pytest.mark.parametrize("name", THROUGH)
def test_a_sensitive_deed_lets_another_write_its_line(name):
    function, verb = THROUGH[name]
    calls = [node.func for node in ast.walk(reached(name)) if isinstance(node, ast.Call)]
    called = {f.id if isinstance(f, ast.Name) else getattr(f, "attr", "") for f in calls}
    assert function in called
    assert verb in VERBS


def test_every_deed_that_sounds_sensitive_is_in_a_table():
    sounding = {name for name in deeds() if SENSITIVE.search(name.rpartition(".")[2])}
    assert sounding - set(DEEDS) - set(THROUGH) - set(SILENT) == set()


def test_what_is_silent_exists_and_has_a_reason():
    assert set(SILENT) <= set(deeds())
    assert all(SILENT.values())
