"""Required-learning lists (必学清单): a requirement + an audience + a calendar.

Words: a *list* has *versions* (a year's edition); an *item* is one requirement with a deadline
counted in days from the posting, or fixed; an *assignment* says that a learner must, since when
and on whose word. Master copy: ``courses/required_lists/``.
"""
