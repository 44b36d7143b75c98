"""Set-password links: their tokens, and who may help whom. Pure."""

import hmac
from collections.abc import Collection

from lms.accounts.types import Reach
from lms.kernel.vault import Vault
from lms.people.rules import SEPARATE
from lms.people.types import Role

_SEAL_LENGTH = 12


def make_token(chance: str, vault: Vault) -> str:
    """Return a token that this installation signed.

    :param chance: what makes it unguessable, of letters and digits.
    """
    return f"{chance}-{_seal(chance, vault)}"


def read_token(token: str, vault: Vault) -> str | None:
    """Return the digest under which a token is stored, or none if we never signed it."""
    chance, _, seal = token.rpartition("-")
    if not hmac.compare_digest(seal.encode(), _seal(chance, vault).encode()):
        return None
    return vault.digest(token, purpose="password_link")


def _seal(chance: str, vault: Vault) -> str:
    return vault.digest(chance, purpose="password_link_seal")[:_SEAL_LENGTH]


def may_help(helper_roles: Collection[Role], helped: Reach) -> bool:
    """Say whether somebody may get another back into an account: that is a way into it.

    A security officer may, for everybody within the scope. Others may not help people of the
    separate duties, nor somebody with a role that reaches beyond the helper's own scope.
    """
    if Role.SECURITY_OFFICER in helper_roles:
        return True
    return not helped.reaches_further and not SEPARATE & helped.roles
