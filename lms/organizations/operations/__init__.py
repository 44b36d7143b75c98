"""What is done to organizations: adding, editing, moving, merging, closing; many at once."""

from lms.organizations.operations.adding import add, add_tree
from lms.organizations.operations.bulk import edit, update_many
from lms.organizations.operations.changing import check_rename, correct_name, rename
from lms.organizations.operations.closing import check_close, check_reopen, close, reopen
from lms.organizations.operations.moving import check_merge, check_move, merge, move

__all__ = [
    "add",
    "add_tree",
    "check_close",
    "check_merge",
    "check_move",
    "check_rename",
    "check_reopen",
    "close",
    "correct_name",
    "edit",
    "merge",
    "move",
    "rename",
    "reopen",
    "update_many",
]
