"""What an answer earns, from what a page sends."""

from lms.question_bank.rules import explain, mark, taken
from lms.question_bank.types import Marking


def earned(kind, spec, *parts, full=4):
    marking = Marking.read({kind: {"full": full}})
    stored = taken(kind, spec, parts)
    found = mark(kind, spec, stored, marking)
    assert found.out_of == full
    marks = [one.mark for one in explain(kind, spec, stored, marking) if one.mark is not None]
    assert not marks or sum(m.earned for m in marks) == found.earned, "the parts make the whole"
    return found.earned


def told(kind, spec, *parts, full=4):
    """What is given and what is right of each field, and whether it is right."""
    marking = Marking.read({kind: {"full": full}})
    found = explain(kind, spec, taken(kind, spec, parts), marking)
    return [
        (one.label, one.given, one.right, one.is_right if one.mark is None else one.mark.is_full)
        for one in found
    ]
