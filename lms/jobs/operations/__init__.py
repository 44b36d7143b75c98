"""Deeds around jobs: ask for one, work at it, sweep, keep files."""

from lms.jobs.operations.files import keep_file, remove_old_files
from lms.jobs.operations.rows import (
    advance,
    ask,
    beat,
    cancel,
    claim,
    fail,
    finish,
    release,
    retry,
    sweep,
)
from lms.jobs.operations.working import Task, Worker

__all__ = [
    "Task",
    "Worker",
    "advance",
    "ask",
    "beat",
    "cancel",
    "claim",
    "fail",
    "finish",
    "keep_file",
    "release",
    "remove_old_files",
    "retry",
    "sweep",
]
