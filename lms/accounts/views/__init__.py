"""The pages of accounts: one blueprint, ``sign_in``."""

from lms.accounts.views import desk, entering, factors, own, passwords, single_sign_on
from lms.accounts.views.sessions import LANDING, bp

__all__ = ["LANDING", "bp", "desk", "entering", "factors", "own", "passwords", "single_sign_on"]
