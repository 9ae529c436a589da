"""Passwords: hashed with Argon2id, never stored, compared in the same time whether the name exists or not."""

from __future__ import annotations

import functools
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.problems import Unavailable

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
"""OWASP's second recommendation: 19 MiB, two rounds, one lane; about 40 ms."""
AT_ONCE = 2
"""Hashing takes memory and a core; more at once would only make each slower and starve everything else."""
LONGEST_WAIT_SECONDS = 5
_turn = threading.BoundedSemaphore(AT_ONCE)


def hash_of(password: str) -> str:
    """What is kept instead of the password."""
    with _in_turn():
        return _hasher.hash(_plain(password))


def matches(kept: str, password: str) -> bool:
    """Whether this is the password. An empty hash matches nothing, but takes as long to say so."""
    with _in_turn():
        try:
            _hasher.verify(kept or _decoy(), _plain(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


@functools.cache
def _decoy() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _plain(password: str) -> bytes:
    """The same bytes whichever way a keyboard composes an accent."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _turn.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Unavailable(detail="Too many people sign in at this moment")
    try:
        yield
    finally:
        _turn.release()
