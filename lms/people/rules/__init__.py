"""What is decided about people: who may do what, what a number or a name is. Pure."""

from lms.people.rules.editing import Clash, clashes
from lms.people.rules.granting import (
    GRANTABLE,
    LEVELS,
    Wanted,
    check_granter,
    check_wanted,
    gained_by,
    grantable_roles,
    may_grant,
)
from lms.people.rules.identity import (
    ResidentId,
    check_character,
    check_document_number,
    mask_document,
    mask_phone,
    normal_number,
    read_phone,
    read_resident_id,
)
from lms.people.rules.names import clean_name, mask_name, name_key, same_name
from lms.people.rules.permissions import (
    MANAGERS,
    PERMISSIONS,
    SEPARATE,
    TIMED,
    permissions_of,
    scope_of,
)
from lms.people.rules.sealing import (
    document_digest,
    open_document,
    open_phone,
    phone_digest,
    seal_document,
    seal_phone,
)

__all__ = [
    "GRANTABLE",
    "LEVELS",
    "MANAGERS",
    "PERMISSIONS",
    "SEPARATE",
    "TIMED",
    "Clash",
    "ResidentId",
    "Wanted",
    "check_character",
    "check_document_number",
    "check_granter",
    "check_wanted",
    "clashes",
    "clean_name",
    "document_digest",
    "gained_by",
    "grantable_roles",
    "mask_document",
    "mask_name",
    "mask_phone",
    "may_grant",
    "name_key",
    "normal_number",
    "open_document",
    "open_phone",
    "permissions_of",
    "phone_digest",
    "read_phone",
    "read_resident_id",
    "same_name",
    "scope_of",
    "seal_document",
    "seal_phone",
]
