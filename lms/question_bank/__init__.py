"""Questions (试题): what they are, how an answer is marked, how they are kept.

Words: a *question* is what an author maintains; a *version* is its frozen text and key, which is
what a learner meets; a *kind* knows how to read and mark one sort of question. One module in
:mod:`lms.question_bank.kinds` is one kind. Master copy: ``question_bank/questions/``.
"""
