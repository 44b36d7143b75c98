"""Stored files: sealed, limited, and found to be tampered with."""

import io

import pytest

from lms.kernel.errors import Invalid, NotFound
from lms.kernel.files import PIECE, Store
from lms.kernel.vault import Key

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "files", [OLD])


def keep(store, content, at_most=10 * PIECE):
    return store.keep(io.BytesIO(content), at_most=at_most)


@pytest.mark.parametrize(
    "size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7], ids=lambda size: f"{size} bytes"
)
def test_what_is_kept_comes_back(store, size):
    content = bytes(range(256)) * (size // 256 + 1)
    kept = keep(store, content[:size])
    assert store.read(kept.key) == content[:size]
    assert kept.size == size


def test_a_stored_file_is_unreadable_without_the_keys(store, tmp_path):
    kept = keep(store, b"522301199001011230" * 100)
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert b"5223011990" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(Invalid) as refused:
        Store(store.folder, [NEW]).read(kept.key)
    assert refused.value.code == "cannot_open"


def test_a_file_opens_with_an_older_key(store):
    kept = keep(store, b"content")
    assert Store(store.folder, [NEW, OLD]).read(kept.key) == b"content"


def test_a_file_too_large_leaves_nothing_behind(store, tmp_path):
    with pytest.raises(Invalid) as refused:
        keep(store, b"x" * (PIECE + 1), at_most=PIECE)
    assert refused.value.code == "file_too_large"
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("act", ["cut", "flip", "swap"])
def test_a_file_that_was_tampered_with_does_not_open(store, tmp_path, act):
    kept = keep(store, b"a" * PIECE + b"b" * PIECE + b"c")
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    head, body = path.read_bytes().split(b"\n", 1)
    piece = PIECE + 28
    changed = {
        "cut": body[: 2 * piece],
        "flip": bytes([body[0] ^ 1]) + body[1:],
        "swap": body[piece : 2 * piece] + body[:piece] + body[2 * piece :],
    }[act]
    path.write_bytes(head + b"\n" + changed)
    with pytest.raises(Invalid) as refused:
        store.read(kept.key)
    assert refused.value.code == "cannot_open"


def test_what_was_removed_is_gone(store):
    kept = keep(store, b"content")
    store.remove(kept.key)
    store.remove(kept.key)
    with pytest.raises(NotFound):
        store.read(kept.key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "0/0"])
def test_a_key_is_no_path(store, key):
    with pytest.raises(NotFound):
        store.read(key)
