"""The floor: what nobody on Flask, SQLAlchemy and Jinja can be much cheaper than.

A page with one indexed query, an act with one committed insert, and a plain word; nobody signs
in, nothing is checked, nothing is compressed. Same database, same engine, same server as ours.
"""

import os

import sqlalchemy as sa
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from sqlalchemy.engine import Engine

from lms.kernel.databases import WRITING, make_engine

DATABASE = "BENCH_FLOOR_DATABASE_URL"
"""The environment variable that says where the database is."""

OWNERS, ROWS = 100, 100
"""How many owners there are in the table, and rows for each."""

metadata = sa.MetaData()
item = sa.Table(
    "bench_item",
    metadata,
    sa.Column("owner_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
answer = sa.Table(
    "bench_answer",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner_id", sa.Integer, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

ITEMS = (
    sa.select(item.c.number, item.c.title, item.c.state)
    .where(item.c.owner_id == sa.bindparam("owner_id"), item.c.number <= sa.bindparam("rows"))
    .order_by(item.c.number)
)

PAGE = """<!doctype html>
<html lang="zh-Hans">
<head><meta charset="utf-8"><title>{{ owner_id }}</title>
<link rel="stylesheet" href="/static/bixue.css"></head>
<body>
<nav><a href="/">首页</a> <a href="/required">必学清单</a> <a href="/practice">练习</a></nav>
<main>
<h1>必学清单 {{ owner_id }}</h1>
<ul>
{% for row in rows %}
<li class="list-group-item d-flex justify-content-between" id="item-{{ row.number }}">
<a class="link-body-emphasis" href="/items/{{ owner_id }}/{{ row.number }}">{{ row.title }}</a>
<span class="badge text-bg-secondary">{{ row.state }}</span>
</li>
{% endfor %}
</ul>
</main>
</body>
</html>
"""


def fill(engine: Engine) -> None:
    """Make the tables and their rows; nothing if they are there."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        if connection.scalar(sa.select(sa.func.count()).select_from(item)):
            return
        connection.execute(
            sa.insert(item),
            [
                {
                    "owner_id": owner,
                    "number": number,
                    "title": f"第{number}项：学习",
                    "state": "met",
                }
                for owner in range(1, OWNERS + 1)
                for number in range(1, ROWS + 1)
            ],
        )


def create_app(engine: Engine | None = None) -> Flask:
    """Build the floor, on the database that the environment names if on no other."""
    engine = engine or make_engine(os.environ[DATABASE])
    writer = engine.execution_options(**WRITING)
    app = Flask("bench.floor", static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})

    @app.get("/hello")
    def hello() -> ResponseReturnValue:
        """Answer a word."""
        return "hello"

    @app.get("/page/<int:owner_id>/<int:rows>")
    def page(owner_id: int, rows: int) -> ResponseReturnValue:
        """Read some rows by their key and show them: 20 rows are some 4 KB."""
        with engine.connect() as connection:
            found = connection.execute(ITEMS, {"owner_id": owner_id, "rows": rows}).all()
        return render_template("page.html", owner_id=owner_id, rows=found)

    @app.post("/insert/<int:owner_id>/<int:rows>")
    def insert(owner_id: int, rows: int) -> ResponseReturnValue:
        """Insert the sent answer so many times in one statement, and commit."""
        body = request.get_json()
        values = [{"owner_id": owner_id, "body": body}] * rows
        with writer.begin() as connection:
            connection.execute(sa.insert(answer), values)
        return jsonify(saved=rows)

    return app
