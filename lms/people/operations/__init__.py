"""What is done to people's files, roles and passwords."""

from lms.people.operations.changing import edit_file, update_many
from lms.people.operations.classes import add_class, join_class, leave_class
from lms.people.operations.exporting import export_people
from lms.people.operations.former import note_former_names
from lms.people.operations.many import add_many
from lms.people.operations.merging import ABOVE, Above, have_different_ids, merge, undo_merge
from lms.people.operations.numbers import (
    check_reason,
    note_rotation,
    reseal,
    reveal,
    sealed_with_older_keys,
)
from lms.people.operations.passwords import (
    SHORTEST_PASSWORD,
    hash_password,
)
from lms.people.operations.persons import add_person, lock_learner, lock_learners
from lms.people.operations.posts import add_post, change_post, check_post, put_post
from lms.people.operations.roles import grant_role, revoke_role
from lms.people.operations.rows import Taken

__all__ = [
    "ABOVE",
    "SHORTEST_PASSWORD",
    "Above",
    "Taken",
    "add_class",
    "add_many",
    "add_person",
    "add_post",
    "change_post",
    "check_post",
    "check_reason",
    "edit_file",
    "export_people",
    "grant_role",
    "hash_password",
    "have_different_ids",
    "join_class",
    "leave_class",
    "lock_learner",
    "lock_learners",
    "merge",
    "note_former_names",
    "note_rotation",
    "put_post",
    "reseal",
    "reveal",
    "revoke_role",
    "sealed_with_older_keys",
    "undo_merge",
    "update_many",
]
