"""The hash of a first password. What guards an account is in :mod:`lms.accounts`."""

from lms.kernel.errors import N_, Invalid
from lms.kernel.hashing import make_hash

SHORTEST_PASSWORD = 8


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    :raises Invalid: ``weak_password``.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            "weak_password", N_("密码至少要 %(n)s 位"), where="password", n=SHORTEST_PASSWORD
        )
    return make_hash(password)
