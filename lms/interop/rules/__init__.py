"""What a list says, what is to become of its rows; questions that come in and go out. Pure.

>>> from lms.interop.rules import convert, format_named, losses
>>> done = convert(b"2 + 2 = {=4}", name="a.gift", source="gift", target="json")
>>> done.data.decode()[:1]
'['
"""

from lms.interop.rules.bridge import core_of, draft_of, item_of, not_held
from lms.interop.rules.carrying import losses, restricted
from lms.interop.rules.catalogue import all_formats, format_named, recognized
from lms.interop.rules.converting import Converted, convert
from lms.interop.rules.merging import Prepared, decide, prepared
from lms.interop.rules.schema import json_schema

__all__ = [
    "Converted",
    "Prepared",
    "all_formats",
    "convert",
    "core_of",
    "decide",
    "draft_of",
    "format_named",
    "item_of",
    "json_schema",
    "losses",
    "not_held",
    "prepared",
    "recognized",
    "restricted",
]
