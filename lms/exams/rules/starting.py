import hashlib
import hmac

_BITS = 62


def seed_of(secret: bytes, learner_id: int, key: str) -> int:
    """Return the seed of a start that is asked for under a key.

    The same for the same key, so that a start which is sent again is known by its seed. Nobody
    without the secret can choose a key for the paper that it draws.

    :param secret: of this installation.
    """
    made = hmac.new(secret, f"exam-start:{learner_id}:{key}".encode(), hashlib.sha256).digest()
    return int.from_bytes(made[:8]) >> (64 - _BITS)
