"""Practice (练习): drills by chapter, the wrong-answer book.

Words: a *drill* shows one question at a time and explains it after the answer; a *drill answer*
is one try, kept for ever; a *review card* says how a learner stands with one question: in the
wrong-answer book (错题本) until it was answered rightly twice in a row. Practice never counts as
an exam result.
"""
