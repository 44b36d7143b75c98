"""Which formats there are, and which one a file is in."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from lms.interop import formats
from lms.interop.formats import _archive
from lms.interop.types import Format
from lms.kernel.discovery import discover
from lms.kernel.errors import N_, Invalid


@cache
def all_formats() -> Mapping[str, Format]:
    """Return every format by name: ours, and those of the entry points ``bixue.formats``.

    :raises ValueError: a plug-in claims a name that is taken.
    """
    found = discover(formats, "FORMAT")
    for point in entry_points(group="bixue.formats"):
        plugin = point.load()
        if plugin.name in found:
            raise ValueError(f"{point.value}: the name {plugin.name!r} is taken")
        found[plugin.name] = plugin
    return found


def format_named(name: str) -> Format:
    """Return a format.

    :raises Invalid: ``unknown_format``.
    """
    found = all_formats().get(name)
    if found is None:
        listed = "、".join(sorted(all_formats()))
        raise Invalid(
            "unknown_format",
            N_("没有格式 %(name)s；可用：%(listed)s"),
            name=name[:40],
            listed=listed,
        )
    return found


def recognized(data: bytes, name: str) -> Format:
    """Return the format that a file is in, by its content first and its name second.

    :raises Invalid: ``unrecognized``: none or more than one says it is its own; ``old_office``.
    """
    _archive.refuse_old(data)
    found = [plugin for plugin in all_formats().values() if plugin.recognizes(data, name)]
    if len(found) != 1:
        listed = "、".join(plugin.name for plugin in found) or "-"
        raise Invalid(
            "unrecognized",
            N_("看不出文件是什么格式（可能是：%(listed)s），请指定格式（命令行里用 --from）"),
            listed=listed,
        )
    return found[0]
