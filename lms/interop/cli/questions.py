"""``lms questions convert`` and ``lms questions formats``: no database, no application context."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from lms.interop import rules
from lms.interop.rules import Converted
from lms.interop.types import Note
from lms.kernel.errors import DomainError, Invalid

_REFUSED = 2
_SHOWN = 200
"""Notes in full; the rest are counted."""


@click.command("convert")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "source", default="auto", show_default=True, help="The format of FILE.")
@click.option("--to", "target", required=True, help="The format to write.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: stdout.")
@click.option("--encoding", default="", help="Of a text file; detected if not given.")
def convert(*, path: Path, source: str, target: str, out: Path | None, encoding: str) -> None:
    """Turn questions in FILE into another format; `lms questions formats` lists them.

    What was not understood and what the target cannot carry goes to stderr, with file and line.

    Exit status 0; 1 if something was not understood (the rest is converted); 2 if the file is
    refused and nothing is written.
    """
    try:
        data = path.read_bytes()
        done = rules.convert(data, name=path.name, source=source, target=target, encoding=encoding)
        _written(done, out)
    except OSError as fault:
        click.echo(f"{fault.filename}: {fault.strerror}", err=True)
        sys.exit(_REFUSED)
    except DomainError as refusal:
        click.echo(_refusal(path, refusal), err=True)
        sys.exit(_REFUSED)
    _report(path, done)
    sys.exit(1 if done.not_understood else 0)


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--schema", is_flag=True, help="Only the JSON Schema of what --to json writes.")
def formats(*, as_json: bool, schema: bool) -> None:
    """List the exchange formats and what each cannot carry.

    Exit status 0.
    """
    if schema:
        click.echo(json.dumps(rules.json_schema(), ensure_ascii=False, indent=2))
        return
    found = rules.all_formats()
    if as_json:
        told = {
            name: {"label": each.label, "suffix": each.suffix, "cannot_carry": each.cannot_carry}
            for name, each in found.items()
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for name, each in sorted(found.items()):
        click.echo(f"{name}  {each.label}  {each.suffix}")
        click.echo(f"    写不下：{'；'.join(each.cannot_carry) or '无'}")


def _written(done: Converted, out: Path | None) -> None:
    if out is None:
        click.echo(done.data, nl=False)
    else:
        out.write_bytes(done.data)


def _refusal(path: Path, refusal: DomainError) -> str:
    located = isinstance(refusal, Invalid) and refusal.where
    return f"{path}:{refusal}" if located else f"{path}: {refusal}"


def _report(path: Path, done: Converted) -> None:
    for number, found in done.not_understood[:_SHOWN]:
        place = f"第 {number} 题: " if number else ""
        line = f":{found.line}" if found.line else ""
        click.echo(f"{path}{line}: {place}{found}", err=True)
    more = len(done.not_understood) - _SHOWN
    if more > 0:
        click.echo(f"{path}: 还有 {more} 处没有读懂", err=True)
    for sentence, numbers in _by_sentence(done.lost).items():
        listed = "、".join(str(number) for number in numbers[:10])
        rest = " 等" if len(numbers) > 10 else ""
        click.echo(f"{path}: {sentence}（第 {listed} 题{rest}，共 {len(numbers)} 题）", err=True)
    encoding = f"，编码 {done.encoding}" if done.encoding else ""
    click.echo(f"{path}: {done.source}{encoding}，{done.count} 道题", err=True)


def _by_sentence(lost: Iterable[tuple[int | None, Note]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, each in lost:
        numbers = found.setdefault(str(each), [])
        if number is not None and number not in numbers[-1:]:
            numbers.append(number)
    return found
