"""What is done to people's files, roles and passwords."""

from lms.people.operations.many import add_many, update_many
from lms.people.operations.passwords import (
    HASHER,
    SHORTEST_PASSWORD,
    WRONG_CREDENTIALS,
    check_password,
    end_sessions,
    hash_password,
    note_failed_sign_in,
    note_sign_in,
    set_password,
)
from lms.people.operations.persons import add_person, lock_learner
from lms.people.operations.posts import add_post
from lms.people.operations.roles import grant_role

__all__ = [
    "HASHER",
    "SHORTEST_PASSWORD",
    "WRONG_CREDENTIALS",
    "add_many",
    "add_person",
    "add_post",
    "check_password",
    "end_sessions",
    "grant_role",
    "hash_password",
    "lock_learner",
    "note_failed_sign_in",
    "note_sign_in",
    "set_password",
    "update_many",
]
