from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lms.jobs.operations.queue import Queue
from lms.jobs.operations.working import Worker
from lms.jobs.types import JobKind
from lms.kernel.files import Store


@dataclass(frozen=True, slots=True)
class Office:
    """What this installation has for jobs: ``web`` makes one and hands it to the rooms."""

    kinds: Mapping[str, JobKind]
    queue: Queue
    store: Store
    worker: Callable[[], Worker]
    """Makes a worker of this process."""
    days: int
    """How long uploaded and made files are kept."""

    def label(self, kind: str) -> str:
        """Return the message id that names a kind; of one that is gone, its own name."""
        found = self.kinds.get(kind)
        return found.label if found else kind
