"""Pages about people: lists, files, numbers, roles, classes, duplicates, exports."""

from lms.people.views import classes, editing, exports, files, lists, merging, numbers, roles
from lms.people.views.scoping import bp

__all__ = [
    "bp",
    "classes",
    "editing",
    "exports",
    "files",
    "lists",
    "merging",
    "numbers",
    "roles",
]
