"""Courses (课程): what is taught, and how far each learner has come.

Words: a *course* has *versions*; a version is an outline of *modules* with *lesson versions* in
order; a *check* is a self-check question in a lesson; an *enrollment* binds a learner to the
version they began; a lesson is *completed* when all its checks were answered rightly (in as many
tries as it takes) and the learner says so. Master copy: ``courses/catalog/``.
"""
