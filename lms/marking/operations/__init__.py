"""What is done with answers that people mark: assigned, claimed, given marks, settled."""

from lms.marking.operations.assigning import assign_marker, end_assignment
from lms.marking.operations.cases import decide_case, send_back
from lms.marking.operations.claiming import claim
from lms.marking.operations.giving import flag_answer, give_marks, save_draft, take_back

__all__ = [
    "assign_marker",
    "claim",
    "decide_case",
    "end_assignment",
    "flag_answer",
    "give_marks",
    "save_draft",
    "send_back",
    "take_back",
]
