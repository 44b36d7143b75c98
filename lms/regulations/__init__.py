"""Rules of the outside world (规则) as dated data: never constants in code.

Words: a *rule* is what an authority decided (marking, a paper's layout, a pass line, a passing
window, an hours scheme); a *rule version* is its text with the day it takes effect, its source
and how certain we are of it. What was decided under a rule keeps that version's id.
Master copy: ``question_bank/rules/*.toml``.
"""
