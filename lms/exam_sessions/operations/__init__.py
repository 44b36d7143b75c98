"""What is done with exam sessions: plan, invite, prepare, start."""

from lms.exam_sessions.operations.inviting import add_people, remove_person, review
from lms.exam_sessions.operations.planning import cancel, edit, extend, make, note_export
from lms.exam_sessions.operations.preparing import ask_due, ask_to_prepare, kinds
from lms.exam_sessions.operations.starting import enter, start

__all__ = [
    "add_people",
    "ask_due",
    "ask_to_prepare",
    "cancel",
    "edit",
    "enter",
    "extend",
    "kinds",
    "make",
    "note_export",
    "remove_person",
    "review",
    "start",
]
