"""What is asked about people."""

from lms.people.queries.many import chunks, existing, snapshots
from lms.people.queries.persons import (
    current_post_kinds,
    find_person_by_user_name,
    find_principal,
    person,
    person_by_user_name,
)

__all__ = [
    "chunks",
    "current_post_kinds",
    "existing",
    "find_person_by_user_name",
    "find_principal",
    "person",
    "person_by_user_name",
    "snapshots",
]
