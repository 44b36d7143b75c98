"""The floor: what nobody on Flask, SQLAlchemy and Jinja can be much cheaper than.

A bare program on the same database, with the same engine and server as ours. For each measured
operation it has a *like*: the same reads and writes as plain statements in as few as a sensible
person would send, and the same facts in plain HTML. Its addresses are ours, so that both are
asked for the same things. Besides, it has the *smallest* page and insert there can be.

It does what no such page could be published without, in the plainest way there is: somebody signed
in is known by a signed cookie that was not revoked, and holds a role today (one query); a form
carries the token of its session, and a deed is refused without it (Flask-WTF); an answer says what
a browser may do with it. Beyond that there is no frame around a page, no scope of a role, no second
factor, no limit of rates, no compression, no translation, no Markdown, no ORM.
"""

from bench.floor.app import DATABASE, KEY, cookie, create_app, fill

__all__ = ["DATABASE", "KEY", "cookie", "create_app", "fill"]
