"""The learning record (学习档案): append-only, dated facts about a learner.

Words: a *record* is a fact with a *kind*, a *subject* (what it is about) and a day; a *dedupe
key* names the deed, so that the same deed told twice is one record; a *correction* is a new
record that names the one it replaces. Hours (学时) are records with a quantity and a unit.
"""
