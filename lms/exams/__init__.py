"""Exams (考试): papers, attempts that lose nothing, results.

Words: a *paper* is a blueprint with versions; an *attempt* is one learner sitting one paper
version, drawn from a stored seed; a *slot* is a place on the drawn paper; a *response* is the
marked answer of a slot, written once at hand-in. While an attempt is open its answers are one
row that is saved again and again; each answer carries the counter of the page that sent it.
Marks are whole units of the attempt's marking rule: half points, unless the rule says otherwise.
A *regrade* marks papers anew that were handed in: tried, approved by another person, taken back
likewise; what it leaves is appended beside the attempt, and the highest *revision* counts. A
*slip* is a slot as a regrade left it, in the unit of its revision.
"""
