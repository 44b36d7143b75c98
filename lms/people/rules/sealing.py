"""How numbers of people are sealed and looked up: owners and purposes, said once. Pure."""

from lms.kernel.vault import Vault
from lms.people.types import DocumentKind

_PHONE = "phone"


def seal_phone(vault: Vault, person_id: int, phone: str) -> str:
    """Return somebody's number as it is stored."""
    return vault.seal(phone, owner=_owner(person_id, _PHONE))


def open_phone(vault: Vault, person_id: int, sealed: str) -> str:
    """Return somebody's number in clear.

    :raises Invalid: ``cannot_open``.
    """
    return vault.open(sealed, owner=_owner(person_id, _PHONE))


def phone_digest(vault: Vault, phone: str) -> str:
    """Return by what a phone number is looked up."""
    return vault.digest(phone, purpose=_PHONE)


def seal_document(vault: Vault, person_id: int, kind: DocumentKind, number: str) -> str:
    """Return the number of somebody's document as it is stored."""
    return vault.seal(number, owner=_owner(person_id, kind))


def open_document(vault: Vault, person_id: int, kind: DocumentKind, sealed: str) -> str:
    """Return the number of somebody's document in clear.

    :raises Invalid: ``cannot_open``.
    """
    return vault.open(sealed, owner=_owner(person_id, kind))


def document_digest(vault: Vault, kind: DocumentKind, number: str) -> str:
    """Return by what the number of a document is looked up."""
    return vault.digest(number, purpose=str(kind))


def _owner(person_id: int, what: str) -> str:
    return f"person:{person_id}/{what}"
