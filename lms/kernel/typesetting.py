"""Typeset a document as PDF, in a process of its own.

The typesetter and its fonts take some 45 MB and would stay in a worker that serves pages; a child
gives them back, and takes nothing with it if it is killed. A template is a file of ours in the
typesetter's language; what it shows comes as data and is never read as markup.

Run as ``python -m lms.kernel.typesetting``, it reads the work from standard input and writes the
PDF to standard output.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PATIENCE = 60
"""Seconds after which a document is given up; the longest takes one or two."""


def typeset(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return a PDF. The same template and data give the same bytes.

    :param data: what JSON can hold.
    :raises RuntimeError: the template is faulty.
    """
    work = {"template": str(template), "data": json.dumps(data, ensure_ascii=False)}
    done = subprocess.run(  # noqa: S603 - our own interpreter and module, no argument from outside
        [sys.executable, "-m", __name__],
        input=json.dumps(work).encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{template.name}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _work() -> None:
    import pylopdf_fonts_zh_cn  # noqa: PLC0415 - only the child pays for it
    import typst  # noqa: PLC0415 - only the child pays for it

    work = json.load(sys.stdin)
    made = typst.compile(
        work["template"],
        font_paths=[str(Path(pylopdf_fonts_zh_cn.__file__).parent)],
        sys_inputs={"data": work["data"]},
        timestamp=0,
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _work()
