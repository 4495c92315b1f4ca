"""Passwords: what one has to be, and their hashes by Argon2id (RFC 9106)."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.exceptions import BadRequest, TooManyRequests
from core.sentence import Sentence

SHORTEST, LONGEST = 10, 1000
#: Each hash takes 64 MiB of memory and as much of a processor as there is: a crowd is not to take all of both.
_AT_ONCE = BoundedSemaphore(2)
_LONGEST_WAIT_SECONDS = 2.0
_HASHER = PasswordHasher()


def judge_password(password: str) -> None:
    """Raise BadRequest for one that is too short or too long; nothing else makes passwords better (NIST SP 800-63B)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequest(Sentence("A password has {least} to {most} characters.", least=SHORTEST, most=LONGEST))


def hash_password(password: str) -> str:
    """What is stored; raises BadRequest for a password that may not be."""
    judge_password(password)
    with _Turn():
        return _HASHER.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether the password is the one of the stored hash; takes as long where there is none, so that nobody can tell.

    Raises TooManyRequests where too many are asked for at once.
    """
    if len(password) > LONGEST:
        return False
    with _Turn():
        try:
            return _HASHER.verify(stored or _nobodys(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


class _Turn:
    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_LONGEST_WAIT_SECONDS):
            raise TooManyRequests("Too many people log in at the moment. Try again in some seconds.", 5)

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()
