"""Jobs of imports, worked at in the process of the command that asks for them."""

from flask_babel import gettext
from tqdm import tqdm

from lms.http.services import service
from lms.http.unit_of_work import reading
from lms.jobs import queries as jobs
from lms.jobs.operations.office import Office
from lms.jobs.types import JobRow, JobState


def work(job_id: int, words: str, *, quiet: bool) -> JobRow:
    """Work at a job in this process, with a bar."""
    worker = service(Office).worker()
    with tqdm(desc=words, unit="row", leave=False, disable=quiet or None) as bar:

        def told(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        worker.work(job_id, told=told)
    reading().rollback()
    return jobs.job(reading(), job_id)


def ended_badly(job: JobRow) -> str:
    """Return why a job was not done; empty if it was."""
    if job.state is JobState.DONE:
        return ""
    return str(gettext(job.message, **job.values))
