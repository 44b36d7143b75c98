"""Talent-development programs (人才项目): a requirement, those who take part, what it grants.

Words: a *program* has *versions*; a *member* takes part since a day, under the version of that
day; a program may *grant* a credential when its requirement is met. Master copy:
``courses/programs/``.
"""
