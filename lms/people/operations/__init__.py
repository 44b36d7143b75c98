"""What is done to people's files, roles and passwords."""

from lms.people.operations.changing import update_many
from lms.people.operations.classes import add_class, join_class, leave_class
from lms.people.operations.former import note_former_names
from lms.people.operations.many import add_many
from lms.people.operations.merging import Above, have_different_ids, merge, undo_merge
from lms.people.operations.numbers import (
    check_reason,
    note_rotation,
    reseal,
    reveal,
    sealed_with_older_keys,
)
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
from lms.people.operations.posts import add_post, as_row, change_post, ended, put_post
from lms.people.operations.roles import grant_role, revoke_role
from lms.people.operations.rows import Taken

__all__ = [
    "HASHER",
    "SHORTEST_PASSWORD",
    "WRONG_CREDENTIALS",
    "Above",
    "Taken",
    "add_class",
    "add_many",
    "add_person",
    "add_post",
    "as_row",
    "change_post",
    "check_password",
    "check_reason",
    "end_sessions",
    "ended",
    "grant_role",
    "hash_password",
    "have_different_ids",
    "join_class",
    "leave_class",
    "lock_learner",
    "merge",
    "note_failed_sign_in",
    "note_former_names",
    "note_rotation",
    "note_sign_in",
    "put_post",
    "reseal",
    "reveal",
    "revoke_role",
    "sealed_with_older_keys",
    "set_password",
    "undo_merge",
    "update_many",
]
