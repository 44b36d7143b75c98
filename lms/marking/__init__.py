"""Marking (阅卷): people mark the answers of papers that no rule can mark.

Words: an *answer* is what somebody wrote at one question of an attempt that was handed in; a
*share* is one marker's part in marking it: claimed for a while, saved as a draft, given or
flagged; a *scoring point* (采分点) gets half points, from none to its worth; the *plan* of the
paper says how many markers there are, how far apart they may be and what a third one does; an
answer is *settled* when that, or an organiser, has decided what it earns. Markers see neither who
wrote an answer nor what another marker gave. The answers themselves belong to :mod:`lms.exams`,
which gives the attempt its result with the last of them.
"""
