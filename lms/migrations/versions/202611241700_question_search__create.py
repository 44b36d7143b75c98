"""Find questions by what they say: a row of search words for each, and an index over the words.

SQLite's FTS5 and PostgreSQL's tsvector get the same words: pairs of Chinese characters, whole
words of letters and digits. Triggers keep the FTS5 table in step with the rows, in the same
transaction; PostgreSQL's index does so by itself. The rows of questions that are there already
are written here, by a copy of ``lms.kernel.searching`` as it was on the day of this migration.

Revision ID: 202611241700
"""

import json
import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "202611241700"
down_revision = "202611241610"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CJK = r"\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")
SHEAF = 500
"""Rows written at once."""

CURRENT = sa.text(
    "SELECT q.id, q.key, v.stem, v.spec, v.explanation, v.source, v.tags FROM question q "
    "JOIN question_version v ON v.question_id = q.id AND v.number = q.current_number ORDER BY q.id"
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "question_search",
        sa.Column("question_id", BIG, nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("words", TSVECTOR() if is_postgresql else sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_question_search_question_id"
        ),
        sa.PrimaryKeyConstraint("question_id", name="pk_question_search"),
    )
    op.create_index("ix_question_search_law", "question_search", ["law"])
    if is_postgresql:
        # kept in the row: the planner does not reckon with what is kept elsewhere, and would
        # read 20,000 of them instead of the index
        op.execute("ALTER TABLE question_search ALTER COLUMN words SET STORAGE MAIN")
        # new words wait in a list that every search reads: a short one, of 256 kB, not of 4 MB
        op.execute(
            "CREATE INDEX fts_question_words ON question_search USING gin (words) "
            "WITH (gin_pending_list_limit = 256)"
        )
    else:
        _create_fts5()
    _fill(is_postgresql=is_postgresql)


def _create_fts5() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE fts_question USING fts5("
        "words, content = 'question_search', content_rowid = 'question_id', tokenize = 'ascii')"
    )
    gone = (
        "INSERT INTO fts_question (fts_question, rowid, words) "
        "VALUES ('delete', old.question_id, old.words);"
    )
    here = "INSERT INTO fts_question (rowid, words) VALUES (new.question_id, new.words);"
    for deed, does in (("INSERT", here), ("DELETE", gone), ("UPDATE", gone + here)):
        op.execute(
            f"CREATE TRIGGER fts_question_{deed.lower()} AFTER {deed} ON question_search "
            f"BEGIN {does} END"
        )


def _fill(*, is_postgresql: bool) -> None:
    connection = op.get_bind()
    kind = TSVECTOR() if is_postgresql else sa.Text()
    insert = sa.insert(
        sa.table(
            "question_search", sa.column("question_id"), sa.column("law"), sa.column("words", kind)
        )
    )
    rows = []
    for row in connection.execute(CURRENT).all():
        source, spec, tags = (_parsed(row[place]) for place in (5, 3, 6))
        words = _words("\n".join([row.key, row.stem, *_rest(spec, row.explanation, source, tags)]))
        rows.append(
            {
                "question_id": row.id,
                "law": "" if source["kind"] == "concept" else source["title"],
                "words": _tsvector(words) if is_postgresql else " ".join(words),
            }
        )
    for start in range(0, len(rows), SHEAF):
        connection.execute(insert, rows[start : start + SHEAF])


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _rest(spec: Any, explanation: str, source: Any, tags: Any) -> list[str]:
    return [
        *_inside({name: value for name, value in spec.items() if name != "answer"}),
        explanation,
        *(source.get(name, "") for name in ("title", "edition", "article")),
        *tags,
    ]


def _inside(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _inside(part)]


def _words(text: str) -> list[str]:
    found: list[str] = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if re.match(f"[{CJK}]", run):
            found += [run[place : place + 2] for place in range(len(run))]
        else:
            found.append(run[:64])
    return found


def _tsvector(words: list[str]) -> str:
    return " ".join(f"'{word}':{min(place, 16_383)}" for place, word in enumerate(words, 1))
