"""``python -m bench.imports``: how long a large list takes, from the file to the last person.

Makes a list of people, imports it by ``lms people import`` in a process of its own into a database
with the stations of the demonstration, and once more, when nothing may change.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import click
import sqlalchemy as sa
import xlsxwriter

from bench.databases import Missing, temporary
from lms.kernel.clock import utc_now
from lms.kernel.databases import make_engine
from lms.kernel.transaction import transaction
from lms.migrations import runner
from lms.organizations import operations as organizations
from lms.people.rules.identity import check_character
from lms.web.demo import names, places

HEADINGS = (
    "手机",
    "姓名",
    "身份证号",
    "单位代码",
    "岗位",
    "职务",
    "入职日期",
    "学历",
)
BUDGET_SECONDS = 60
_FIRST = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Run:
    """One command, measured."""

    seconds: float
    processor_seconds: float
    peak_megabytes: float


def write_list(path: Path, rows: int, codes: Sequence[str]) -> None:
    """Write a workbook with people nobody is; the same for the same number of rows."""
    rng = Random(1)
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("人员")
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(0, column, heading)
    for number in range(rows):
        born = _FIRST + timedelta(days=number % 12_000)
        first = f"522301{born:%Y%m%d}{number // 12_000:03d}"
        line = (
            f"1{3_900_000_000 + number}",
            names.invent(rng, "522300"),
            first + check_character(first),
            codes[number % len(codes)],
            ("驻站社工", "社区工作者", "干部", "志愿者")[number % 4],
            "社工",
            f"{2015 + number % 10}年{1 + number % 12}月{1 + number % 28}日",
            ("本科", "大专", "高中", "硕士研究生")[number % 4],
        )
        for column, cell in enumerate(line):
            sheet.write_string(number + 1, column, cell)
    book.close()


def prepare(url: str) -> list[str]:
    """Build the schema and the demonstration's stations; return the stations' codes."""
    engine = make_engine(url)
    runner.upgrade(engine)
    new = places.tree()
    with sa.orm.Session(engine) as session, transaction(session):
        organizations.add_tree(session, new, now=utc_now())
    engine.dispose()
    return [one.code.code for one in new if one.kind == "township_station"]


def run(
    arguments: Sequence[str], environment: dict[str, str], *, ends: Collection[int] = (0,)
) -> Run:
    """Run a command of ours to its end.

    :param ends: the exit statuses that are in order.
    :raises RuntimeError: it ends with another; with its last words.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "lms", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in ends:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stdout[-500:]} {done.stderr[-2000:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, processor, after.ru_maxrss / 1024)


@click.command()
@click.option("--rows", default=70_000, show_default=True, type=click.IntRange(1, 190_000))
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both")
def main(*, rows: int, database: str) -> None:
    """Measure the import of a list of people. Exit status 1 if it takes longer than a minute."""
    slow = False
    for name in ("sqlite", "postgresql") if database == "both" else (database,):
        with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
            try:
                slow |= _measure(name, rows, Path(folder))
            except Missing as why:
                click.echo(f"{name}: skipped: {why}")
    sys.exit(int(slow))


def _measure(name: str, rows: int, folder: Path) -> bool:
    with temporary(name, folder) as url:
        codes = prepare(url)
        path = folder / "people.xlsx"
        write_list(path, rows, codes)
        environment = {"LMS_HOME": str(folder), "LMS_DATABASE_URL": url}
        load = os.getloadavg()[0]
        slow = False
        for words, more in (
            ("preview", ["--dry-run"]),
            ("preview and import", []),
            ("the same again", []),
        ):
            told = run(["people", "import", str(path), *more], environment)
            slow |= told.seconds > BUDGET_SECONDS
            click.echo(
                f"{name:<11} {words:<19} {rows:>7,} rows {told.seconds:6.1f} s, "
                f"{told.processor_seconds:6.1f} s of processor, {told.peak_megabytes:5.0f} MB, "
                f"load {load:.1f}"
            )
    return slow


if __name__ == "__main__":
    main()
