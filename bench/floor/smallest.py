"""The smallest page and insert there can be: nobody signs in, one statement each."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from bench.floor.requests import reader, writer

bp = Blueprint("smallest", __name__)

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


def rows() -> list[dict[str, Any]]:
    """Return what stands in the table of the page."""
    return [
        {"owner_id": owner, "number": number, "title": f"第{number}项：学习", "state": "met"}
        for owner in range(1, OWNERS + 1)
        for number in range(1, ROWS + 1)
    ]


@bp.get("/hello")
def hello() -> ResponseReturnValue:
    """Answer a word."""
    return "hello"


@bp.get("/page/<int:owner_id>/<int:rows>")
def page(owner_id: int, rows: int) -> ResponseReturnValue:
    """Read some rows by their key and show them: 20 rows are some 4 KB."""
    with reader().connect() as connection:
        found = connection.execute(ITEMS, {"owner_id": owner_id, "rows": rows}).all()
    return render_template("page.html", owner_id=owner_id, rows=found)


@bp.post("/insert/<int:owner_id>/<int:rows>")
def insert(owner_id: int, rows: int) -> ResponseReturnValue:
    """Insert the sent answer so many times in one statement, and commit."""
    body = request.get_json()
    values = [{"owner_id": owner_id, "body": body}] * rows
    with writer().begin() as connection:
        connection.execute(sa.insert(answer), values)
    return jsonify(saved=rows)
