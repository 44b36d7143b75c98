"""Requirements (要求): the one engine behind lists, programs, quotas and windows. Pure at heart.

Words: a *requirement* is a tree of ALL / ANY / N-OF over *leaves*; one module in
:mod:`lms.requirements.kinds` is one kind of node; a *goal* is a published requirement with an
identity; *progress* is how a learner stands with a goal, stored for speed and rebuilt from the
records at will.
"""
