"""Exam sessions (场次): many people sit one paper within a window, watched by whoever organises.

Words: a *window* opens, has a last start, and closes; a *seat* is somebody's place in a session,
with the paper that was drawn for it beforehand; a *pool* is drawn papers without a name on them,
for sessions that anybody with the code may join; a *code* is what is shown to the room.
"""
