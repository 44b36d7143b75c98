"""The floor: what nobody on Flask, SQLAlchemy and Jinja can be much cheaper than.

A bare program on the same database, with the same engine and server as ours. For each measured
operation it has a *like*: the same reads and writes as plain statements in as few as a sensible
person would send, and the same facts in plain HTML. Its addresses are ours, so that both are
asked for the same things. Besides, it has the *smallest* page and insert there can be.

Somebody signed in is known by a signed cookie and one query. There is no frame around a page, no
access control, no CSRF token, no compression, no translation, no Markdown, no ORM.
"""

from bench.floor.app import DATABASE, KEY, cookie, create_app, fill

__all__ = ["DATABASE", "KEY", "cookie", "create_app", "fill"]
