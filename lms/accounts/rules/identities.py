"""What an issuer of a single sign-on says about somebody. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from lms.accounts.types import Identity


def identity_of(
    claims: Mapping[str, Any], *, issuer: str, claim_name: str, factor_words: Collection[str]
) -> Identity:
    """Return whom verified claims are about.

    A telephone number counts only if the issuer says that it has verified it.

    :param claim_name: the claim that may name somebody here; empty if the issuer is not trusted
        for it.
    :param factor_words: what in ``amr`` (RFC 8176), or as ``acr``, stands for a second factor.
    """
    value = claims.get(claim_name) if claim_name else None
    if claim_name == "phone_number" and claims.get("phone_number_verified") is not True:
        value = None
    methods = claims.get("amr")
    said = {*(methods if isinstance(methods, list) else ()), claims.get("acr")}
    return Identity(
        issuer=issuer,
        subject=str(claims["sub"]),
        claim=value if isinstance(value, str) else "",
        factor=bool(said & set(factor_words)),
    )
