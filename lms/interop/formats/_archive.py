"""Packages (ZIP): opened without trusting a name, a size or a number in them."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from lms.interop.formats import _text
from lms.kernel.errors import N_, Invalid

MOST_FILES = 50_000
BIGGEST_INSIDE = 256 * 1024 * 1024
"""Everything unpacked."""
BIGGEST_ENTRY = 64 * 1024 * 1024
_EPOCH = (2000, 1, 1, 0, 0, 0)
"""The same items give the same bytes."""


class Archive:
    """An opened package."""

    def __init__(self, data: bytes) -> None:
        """Open a package.

        :raises Invalid: ``bad_zip``, ``zip_slip``, ``zip_bomb``, ``old_office``.
        """
        _text.check_size(data)
        refuse_old(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as fault:
            raise Invalid("bad_zip", N_("压缩包损坏或不完整")) from fault
        if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > BIGGEST_INSIDE:
            raise Invalid("zip_bomb", N_("压缩包展开后太大"))
        for entry in entries:
            _check_name(entry.filename)
        self._sizes = {one.filename: one.file_size for one in entries if not one.is_dir()}
        self._left = BIGGEST_INSIDE

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._sizes)

    def read(self, name: str) -> bytes:
        """Return one file of the package.

        :raises Invalid: ``not_in_zip``, ``zip_bomb``, ``bad_zip``.
        """
        if name not in self._sizes:
            raise Invalid("not_in_zip", N_("压缩包里没有 %(name)s"), name=name[:80])
        most = min(BIGGEST_ENTRY, self._left)
        try:
            with self._zip.open(name) as file:
                found = file.read(most + 1)
        except (
            zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
            NotImplementedError,
        ) as fault:  # fmt: skip
            raise Invalid("bad_zip", N_("压缩包损坏或不完整"), where=name[:80]) from fault
        if len(found) > most:
            raise Invalid("zip_bomb", N_("压缩包展开后太大"), where=name[:80])
        self._left -= len(found)
        return found


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a package of these files; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def refuse_old(data: bytes) -> None:
    """Refuse the binary files of Office before 2007.

    :raises Invalid: ``old_office``.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("old_office", N_("旧版 Office 文件，请另存为 .xlsx 或 .docx"))


def is_zip(data: bytes) -> bool:
    """Say whether bytes begin as a package does."""
    return data.startswith(b"PK\x03\x04")


def holds(data: bytes, name: str) -> bool:
    """Say whether bytes are a package with a file of a name; broken packages hold nothing."""
    if not is_zip(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return name in archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name:
        raise Invalid("zip_slip", N_("压缩包里有指向外面的文件名：%(name)s"), name=name[:80])
