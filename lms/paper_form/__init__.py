"""Paper form (纸质考试): a paper printed, sat in a room, and typed in afterwards.

Words: a *print* (纸质卷) is a paper drawn once and kept, so that every sheet made from it says the
same; a *sheet* is what is printed of it, for those who sit it or, with the key, for the teacher;
an *answer card* (答题卡) is what one person filled in; a *row* is a card as it is typed in or
stands in a list. The tables belong to :mod:`lms.exams`: a card becomes an attempt like any other.
"""
