"""Sealed texts and keyed digests."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.kernel.vault import Key, Vault, new_key, read_keys

OLD, NEW = Key("k1", b"1" * 32), Key("k2", b"2" * 32)
VAULT = Vault((NEW, OLD), b"digest")
SECRET = base64.b64encode(b"3" * 32).decode()
OWNER = "person:17/phone"


@given(st.text())
def test_what_was_sealed_opens(text):
    sealed = VAULT.seal(text, owner=OWNER)
    assert VAULT.open(sealed, owner=OWNER) == text
    assert VAULT.is_current(sealed)


def test_the_same_text_is_never_sealed_the_same():
    assert VAULT.seal("13800138000", owner=OWNER) != VAULT.seal("13800138000", owner=OWNER)


def test_a_sealed_text_tells_nothing():
    assert "13800138000" not in base64.b64decode(VAULT.seal("13800138000", owner="x")[3:]).decode(
        "latin-1"
    )


def refused(sealed, *, owner=OWNER, vault=VAULT):
    with pytest.raises(Invalid) as fault:
        vault.open(sealed, owner=owner)
    return fault.value.code


def test_another_persons_row_does_not_open():
    assert refused(VAULT.seal("1", owner=OWNER), owner="person:18/phone") == "cannot_open"


@pytest.mark.parametrize("where", [3, 20, -2])
def test_a_changed_byte_is_found(where):
    sealed = list(VAULT.seal("110101199003074514", owner=OWNER))
    sealed[where] = "A" if sealed[where] != "A" else "B"
    assert refused("".join(sealed)) == "cannot_open"


@pytest.mark.parametrize("sealed", ["", "k2:", "k2:!!", "k2:AAAA", "no key at all"])
def test_what_is_not_sealed_is_refused(sealed):
    assert refused(sealed) == "cannot_open"


def test_an_older_key_still_opens_and_is_told_apart():
    before = Vault((OLD,), b"digest")
    sealed = before.seal("1", owner=OWNER)
    assert VAULT.open(sealed, owner=OWNER) == "1"
    assert not VAULT.is_current(sealed)
    assert refused(sealed, vault=Vault((NEW,), b"digest")) == "cannot_open"


def test_equal_texts_have_equal_digests_of_one_purpose():
    digest = VAULT.digest("1", purpose="phone")
    assert digest == VAULT.digest("1", purpose="phone")
    assert digest != VAULT.digest("1", purpose="resident_id")
    assert digest != VAULT.digest("2", purpose="phone")
    assert digest != Vault(VAULT.keys, b"another").digest("1", purpose="phone")


def test_keys_are_read_in_order():
    assert [key.name for key in read_keys(f"{new_key('b')}, {new_key('a')}")] == ["b", "a"]


@pytest.mark.parametrize(
    "text", ["", "k1", "k1:", "k1:AAAA", ":" + "A" * 44, f"a:{SECRET},a:{SECRET}"]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(Invalid) as fault:
        read_keys(text)
    assert fault.value.code == "bad_key"
