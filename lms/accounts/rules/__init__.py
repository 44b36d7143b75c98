"""What is decided about accounts: passwords, locks, sessions, factors, links. Pure."""

from lms.accounts.rules.factors import (
    address_of,
    matching_counter,
    normal_code,
)
from lms.accounts.rules.identities import identity_of
from lms.accounts.rules.links import make_token, may_help, read_token
from lms.accounts.rules.locks import TRIES, WAIT_SECONDS, after_failure
from lms.accounts.rules.origins import device_words, mask_address
from lms.accounts.rules.passwords import (
    KEPT,
    LEARNER_RULE,
    STAFF_RULE,
    check_password,
    is_aged,
    rule_of,
)
from lms.accounts.rules.sessions import is_over, is_staff, what_first

__all__ = [
    "KEPT",
    "LEARNER_RULE",
    "STAFF_RULE",
    "TRIES",
    "WAIT_SECONDS",
    "address_of",
    "after_failure",
    "check_password",
    "device_words",
    "identity_of",
    "is_aged",
    "is_over",
    "is_staff",
    "make_token",
    "mask_address",
    "matching_counter",
    "may_help",
    "normal_code",
    "read_token",
    "rule_of",
    "what_first",
]
