"""Publish authors' files as immutable versions: what is new, changed, gone, or back.

An *identity* (a paper, a list, a program) has a key that survives renames, a state and the number
of its current version. The room that owns it says how an identity is added, how a version is
written and how a change of state is noted; the bookkeeping is the same everywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from lms.kernel.authoring import Tally

READY, RETIRED = "ready", "retired"


class Identity(Protocol):
    """What is published in versions."""

    key: str
    state: str
    current_number: int


class Source(Protocol):
    """One checked author's file."""

    @property
    def key(self) -> str:
        """Whose text it is."""

    @property
    def digest(self) -> str:
        """Equal content, equal digest."""


IdentityT = TypeVar("IdentityT", bound=Identity)
SourceT = TypeVar("SourceT", bound=Source)


def publish_all(
    session: Session,
    known: Mapping[str, tuple[IdentityT, str]],
    files: Iterable[SourceT],
    *,
    identity: Callable[..., IdentityT],
    publish: Callable[[IdentityT, SourceT], None],
    note_state: Callable[[IdentityT], None],
) -> Tally:
    """Publish every file whose digest is not the current one; retire what has no file any more.

    ``files`` is everything there is. Loading the same files again changes nothing.

    :param known: key -> identity and the digest of its current version.
    :param identity: the class of the identities.
    :param publish: writes the version with the identity's ``current_number``.
    :param note_state: called after a known identity was retired or came back.
    """
    tally = Tally()
    present: set[str] = set()
    for file in files:
        present.add(file.key)
        found, digest = known.get(file.key, (None, None))
        if found is None:
            found = identity(key=file.key, state=READY, current_number=0)
            session.add(found)
        tally.new += digest is None
        tally.same += digest == file.digest
        tally.changed += digest is not None and digest != file.digest
        if digest != file.digest:
            found.current_number += 1
            session.flush()  # a new one gets its row's number
            publish(found, file)
        if found.state == RETIRED:
            found.state = READY
            note_state(found)
    for key, (found, _digest) in known.items():
        if key not in present and found.state == READY:
            tally.retired += 1
            found.state = RETIRED
            note_state(found)
    session.flush()
    return tally
