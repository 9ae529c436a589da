"""Who asks: read from a short-lived signed token, checked offline with identity's public keys."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import jwt
import sqlalchemy as sa

from chassis.dialect import among
from chassis.problems import Forbidden, Unauthenticated
from chassis.team import packed, unpacked

AUDIENCE = "guanxi"
ALGORITHM = "ES256"
CLOCK_LEEWAY_SECONDS = 5
CACHE_LIMIT = 2000

Scope = Literal["own", "subtree", "all"]


@dataclasses.dataclass(frozen=True)
class Principal:
    """A signed-in user (or the system) with rights and the people whose records he or she may see.

    ``session_id`` is the session that the request belongs to; 0 when there is none.
    """

    user_id: int = 0
    name: str = "system"
    role: str = "system"
    rights: frozenset[str] = frozenset()
    scope: Scope = "all"
    team: frozenset[int] = frozenset()
    kind: Literal["user", "system"] = "system"
    session_id: int = 0

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def sees_all(self) -> bool:
        """Whether every record lies in the data scope."""
        return self.is_system or self.scope == "all"

    def has(self, right: str) -> bool:
        return self.is_system or right in self.rights

    def must(self, right: str) -> None:
        """Raises Forbidden when the right is missing."""
        if not self.has(right):
            raise Forbidden(needs=right)

    def sees(self, owners: set[int | None]) -> bool:
        """Whether records with these owners lie in the data scope."""
        if self.sees_all:
            return True
        return bool(owners & self._visible())

    def only_seen(self, *columns: Any) -> sa.ColumnElement[bool]:
        """The same as a condition on the columns that name owners; what nobody owns, everybody sees."""
        if self.sees_all or not columns:
            return sa.true()
        visible = sorted(self._visible())
        return sa.or_(*(column == self.user_id if len(visible) == 1 else among(column, visible) for column in columns))

    def _visible(self) -> frozenset[int]:
        return self.team | {self.user_id} if self.scope == "subtree" else frozenset({self.user_id})


SYSTEM = Principal()


def claims_of(principal: Principal) -> dict[str, Any]:
    """The token's members that describe the principal."""
    return {
        "sub": str(principal.user_id),
        "name": principal.name,
        "role": principal.role,
        "rights": sorted(principal.rights),
        "scope": principal.scope,
        "team": packed(principal.team),
        "sid": principal.session_id,
    }


def principal_of(claims: dict[str, Any]) -> Principal:
    return Principal(
        user_id=int(claims["sub"]),
        name=claims["name"],
        role=claims["role"],
        rights=frozenset(claims["rights"]),
        scope=claims["scope"],
        team=unpacked(claims["team"]),
        kind="user",
        session_id=claims["sid"],
    )


class Verifier:
    """Checks tokens with the public keys in a JWKS file; a checked token is remembered until it expires."""

    def __init__(self, keys_file: str | pathlib.Path) -> None:
        self._file = pathlib.Path(keys_file)
        self._keys: dict[str, Any] = {}
        self._seen: dict[str, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def principal(self, authorization: str | None) -> Principal:
        """Who sent ``Authorization: Bearer …``. Raises Unauthenticated."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated()
        known = self._seen.get(token)
        if known and known[0] > time.time():
            return known[1]
        return self._check(token)

    def _check(self, token: str) -> Principal:
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                leeway=CLOCK_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            principal = principal_of(claims)
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated(detail="The token is not valid, or no longer") from error
        self._remember(token, claims["exp"], principal)
        return principal

    def _remember(self, token: str, expires: float, principal: Principal) -> None:
        with self._lock:
            if len(self._seen) >= CACHE_LIMIT:
                self._seen.clear()
            self._seen[token] = (expires, principal)

    def _key(self, key_id: str) -> Any:
        if key_id not in self._keys:  # a rotated key is found by reading the file again
            document = json.loads(self._file.read_text())
            self._keys = {entry["kid"]: jwt.PyJWK(entry).key for entry in document["keys"]}
        return self._keys[key_id]


Authenticate = Callable[[str | None], Principal]
