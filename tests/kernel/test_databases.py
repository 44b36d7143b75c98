import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import databases
from lms.kernel.databases import WRITING, engine_options, make_engine, parse_url, prepare
from lms.kernel.errors import Invalid
from lms.kernel.transaction import transaction


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:///var/x.sqlite3", "sqlite"),
        ("postgresql://u:p@h/db", "postgresql+psycopg"),
        ("postgresql://u:p@h:5433/db?sslmode=require", "postgresql+psycopg"),
        ("postgresql+psycopg2://u:p@h/db", "postgresql+psycopg"),  # we carry one driver
    ],
)
def test_a_url_is_understood(text, driver):
    assert parse_url(text).drivername == driver


def test_nothing_of_a_url_is_lost():
    url = parse_url("postgresql://u:p%40ss@h:5433/db?sslmode=require")
    assert (url.username, url.password, url.host, url.port, url.database, dict(url.query)) == (
        "u",
        "p@ss",
        "h",
        5433,
        "db",
        {"sslmode": "require"},
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "无法识别的数据库地址"),
        ("var/x.sqlite3", "无法识别的数据库地址"),
        ("postgresql//u@h/db", "无法识别的数据库地址"),
        ("postgresql://u:p@h:port/db", "无法识别的数据库地址"),  # a port is a number
        ("mysql://u:p@h/db", "不支持数据库“mysql”"),
        ("oracle://h/db", "不支持数据库“oracle”"),
    ],
)
def test_a_bad_url_is_refused_in_words(text, words):
    with pytest.raises(Invalid) as refusal:
        parse_url(text)
    assert refusal.value.code == "bad_database_url"
    assert str(refusal.value).startswith("LMS_DATABASE_URL: ")
    assert words in str(refusal.value)


def test_a_refusal_does_not_tell_the_password():
    with pytest.raises(Invalid) as refusal:
        parse_url("mysql://u:geheim@h/db")
    assert "geheim" not in str(refusal.value)


def test_the_folder_of_a_file_is_made(tmp_path):
    prepare(parse_url(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.sqlite3'}"))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_database_in_memory_needs_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare(parse_url("sqlite://"))
    prepare(parse_url("sqlite:///:memory:"))
    assert list(tmp_path.iterdir()) == []


def test_connections_to_postgresql_are_pooled():
    options = engine_options(parse_url("postgresql://u:p@h/db"))
    assert options["pool_size"] + options["max_overflow"] >= 8


@pytest.fixture
def counting(tmp_path):
    """A real file with one number in it."""
    engine = make_engine(f"sqlite:///{tmp_path / 'counting.sqlite3'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tally (value INTEGER NOT NULL)")
        connection.exec_driver_sql("INSERT INTO tally VALUES (0)")
    yield engine
    engine.dispose()


def test_a_fault_does_not_tell_what_was_sent(counting):
    """Faults go into logs; names and answers do not."""
    with counting.connect() as connection, pytest.raises(sa.exc.SQLAlchemyError) as told:
        connection.execute(sa.text("SELECT nothing FROM tally WHERE :name"), {"name": "张三"})
    assert "张三" not in str(told.value)


def test_every_connection_keeps_its_promises(counting):
    with counting.connect() as one, counting.connect() as two:
        for connection in (one, two):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


def test_foreign_keys_are_really_checked(counting):
    with counting.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE child (parent_id REFERENCES parent (id))")
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql("INSERT INTO child VALUES (1)")


def test_tables_made_in_a_transaction_go_with_it(counting):
    with counting.connect() as connection:
        with connection.begin() as begun:
            connection.exec_driver_sql("CREATE TABLE gone (id INTEGER)")
            begun.rollback()
        assert not sa.inspect(connection).has_table("gone")


def add_one(engine):
    with Session(engine) as session, transaction(session):
        value = session.scalar(sa.text("SELECT value FROM tally"))
        session.execute(sa.text("UPDATE tally SET value = :value"), {"value": value + 1})


def test_no_update_is_lost_between_threads(counting):
    faults = []

    def work():
        try:
            for _ in range(100):
                add_one(counting)
        except sa.exc.SQLAlchemyError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with counting.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM tally").scalar() == 300


def test_a_writer_takes_the_lock_when_it_begins(counting):
    with counting.connect().execution_options(**WRITING) as writer, writer.begin():
        with counting.connect() as reader:  # a reader is not held up
            assert reader.exec_driver_sql("SELECT value FROM tally").scalar() == 0
        with counting.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 1")
            other.rollback()
            with (
                pytest.raises(sa.exc.OperationalError, match="locked"),
                other.execution_options(**WRITING).begin(),
            ):
                pass


def test_a_reader_sees_one_moment(counting):
    with counting.connect() as reader:
        assert reader.exec_driver_sql("SELECT value FROM tally").scalar() == 0
        add_one(counting)
        assert reader.exec_driver_sql("SELECT value FROM tally").scalar() == 0
        reader.rollback()
        assert reader.exec_driver_sql("SELECT value FROM tally").scalar() == 1


@pytest.fixture
def pooled(engine, monkeypatch):
    """A pool with one connection to PostgreSQL, and the pings it sends."""
    if engine.dialect.name != "postgresql":
        pytest.skip("a file is always there")
    made = make_engine(engine.url.render_as_string(hide_password=False))
    sent, ping = [], made.dialect.do_ping
    monkeypatch.setattr(made.dialect, "do_ping", lambda it: (sent.append("ping"), ping(it))[1])
    backend(made)
    yield made, sent
    made.dispose()


def backend(engine):
    """Use a connection, and return the number of the process at its other end."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.pg_backend_pid()))


def test_a_connection_just_used_is_not_asked_whether_it_is_there(pooled):
    made, sent = pooled
    assert backend(made) == backend(made)
    assert sent == []


def test_one_idle_for_long_is_asked(pooled, monkeypatch):
    made, sent = pooled
    monkeypatch.setattr(databases, "IDLE_SECONDS", 0.0)
    backend(made)
    assert sent == ["ping"]


def test_one_that_the_server_closed_a_moment_ago_is_replaced_unseen(pooled, engine):
    made, sent = pooled
    first = backend(made)
    with engine.connect() as killer:
        assert killer.scalar(sa.select(sa.func.pg_terminate_backend(first, 5000)))
    assert backend(made) != first
    assert sent == ["ping"]


def test_all_that_a_restart_left_are_replaced_at_once(pooled, engine):
    made, sent = pooled
    with made.connect() as one, made.connect() as other:
        ids = [each.scalar(sa.select(sa.func.pg_backend_pid())) for each in (one, other)]
    with engine.connect() as killer:
        for pid in ids:
            killer.scalar(sa.select(sa.func.pg_terminate_backend(pid, 5000)))
    with made.connect() as one, made.connect() as other:
        again = {each.scalar(sa.select(sa.func.pg_backend_pid())) for each in (one, other)}
    assert not again & set(ids)
    assert sent == ["ping"]
