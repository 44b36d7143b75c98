"""What is asked about people."""

from lms.people.queries.classes import classes_of, members_of, own_class
from lms.people.queries.files import (
    PHONE,
    alike,
    file_of,
    held_roles,
    merge_of,
    merges_of,
    numbers_of,
    opened,
    post_of,
    posts_of,
    roles_of,
)
from lms.people.queries.lists import (
    PAGE,
    by_digest,
    few_units,
    lines_of,
    named_in,
    people_of,
    units_named,
)
from lms.people.queries.many import chunks, existing, snapshots
from lms.people.queries.persons import (
    current_post_kinds,
    find_by_document,
    find_by_phone,
    find_person_by_user_name,
    find_principal,
    person,
    person_by_user_name,
)
from lms.people.queries.scope import is_in_scope, own_person, people_within

__all__ = [
    "PAGE",
    "PHONE",
    "alike",
    "by_digest",
    "chunks",
    "classes_of",
    "current_post_kinds",
    "existing",
    "few_units",
    "file_of",
    "find_by_document",
    "find_by_phone",
    "find_person_by_user_name",
    "find_principal",
    "held_roles",
    "is_in_scope",
    "lines_of",
    "members_of",
    "merge_of",
    "merges_of",
    "named_in",
    "numbers_of",
    "opened",
    "own_class",
    "own_person",
    "people_of",
    "people_within",
    "person",
    "person_by_user_name",
    "post_of",
    "posts_of",
    "roles_of",
    "snapshots",
    "units_named",
]
