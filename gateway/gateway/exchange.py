"""The opaque token of a session, exchanged for a signed one, which is kept for a moment."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from chassis.problems import Unauthenticated, Unavailable
from gateway.upstream import Asked, Upstream

FRESH_SECONDS = 2.0
"""How late a logout at another gateway, a disabled user or a changed right is noticed; the promise is five seconds."""
MARGIN_SECONDS = 5.0
"""Clocks differ: a signed token is no longer used this long before it expires."""
ASK_AGAIN_SECONDS = 1.0
MOST_KEPT = 20_000


@dataclasses.dataclass(slots=True)
class _Kept:
    """What identity said of a token; ``signed`` is empty when it is worth nothing."""

    signed: str
    fresh_until: float
    usable_until: float
    asked_at: float


class Exchange:
    """Tokens and what they are worth. Without identity the last signed token serves until it expires."""

    def __init__(self, identity: Upstream, feed_token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.identity, self.clock = identity, clock
        self._headers = [("Authorization", f"Bearer {feed_token}"), ("Content-Type", "application/json")]
        self._kept: dict[str, _Kept] = {}
        self._flights: dict[str, Future[str]] = {}
        self._lock = threading.Lock()

    def signed(self, token: str) -> str:
        """The signed token. Raises Unauthenticated, or Unavailable when nobody knows."""
        kept = self._kept.get(token)
        if kept is None or kept.fresh_until <= self.clock():
            return self._one_asks(token)
        return _worth(kept.signed)

    def forget(self, token: str) -> None:
        """The session has ended: what is asked at this moment must not bring it back."""
        now = self.clock()
        with self._lock:
            self._kept[token] = _Kept("", now + FRESH_SECONDS, now, now)

    def _one_asks(self, token: str) -> str:
        """However many requests come with this token at once, identity is asked by one of them."""
        with self._lock:
            kept = self._kept.get(token)
            if kept is not None and kept.fresh_until > self.clock():
                return _worth(kept.signed)
            flight = self._flights.get(token)
            is_mine = flight is None
            if flight is None:
                flight = self._flights[token] = Future()
        if is_mine:
            self._fly(token, flight)
        return _worth(flight.result())

    def _fly(self, token: str, flight: Future[str]) -> None:
        try:
            flight.set_result(self._ask(token, self.clock()))
        except BaseException as error:
            flight.set_exception(error)
        finally:
            with self._lock:
                del self._flights[token]

    def _ask(self, token: str, asked_at: float) -> str:
        try:
            answer = self.identity.ask(self._question(token))
            body = answer.read()
        except Unavailable:
            return self._last(token)
        if answer.status == 200:
            found = msgspec.json.decode(body)
            return self._keep(token, found["token"], float(found["expires_in"]), asked_at)
        if answer.status in (401, 422):
            return self._keep(token, "", 0.0, asked_at)
        return self._last(token)

    def _question(self, token: str) -> Asked:
        return Asked.with_body("POST", "/internal/exchange", self._headers, msgspec.json.encode({"token": token}))

    def _keep(self, token: str, signed: str, expires_in: float, asked_at: float) -> str:
        with self._lock:
            kept = self._kept.get(token)
            if kept is not None and kept.asked_at > asked_at:
                return kept.signed  # forgotten while we asked
            if len(self._kept) >= MOST_KEPT:
                self._make_room()
            usable_until = asked_at + expires_in - MARGIN_SECONDS
            self._kept[token] = _Kept(signed, asked_at + FRESH_SECONDS, usable_until, asked_at)
        return signed

    def _last(self, token: str) -> str:
        """Identity is away: what it said last still counts for a while. Raises Unavailable."""
        now = self.clock()
        with self._lock:
            kept = self._kept.get(token)
            if kept is None or not kept.signed or kept.usable_until <= now:
                raise Unavailable(detail="Nobody can say who you are at this moment")
            kept.fresh_until = now + ASK_AGAIN_SECONDS
            return kept.signed

    def _make_room(self) -> None:
        now = self.clock()
        self._kept = {token: kept for token, kept in self._kept.items() if kept.usable_until > now}
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()


def _worth(signed: str) -> str:
    if not signed:
        raise Unauthenticated(detail="The session has ended")
    return signed
