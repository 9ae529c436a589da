"""The opaque token of a session, exchanged for a signed one, which is kept for a moment."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, ClassVar

import msgspec

from chassis.problems import Problem, TooManyRequests, Unauthenticated, Unavailable
from gateway.limits import Allowance, Windows
from gateway.settings import UNKNOWN_TOKENS
from gateway.upstream import Asked, Upstream

FRESH_SECONDS = 2.0
"""How late what another gateway let through is noticed: a logout, a disabled user, a changed right."""
MARGIN_SECONDS = 5.0
"""Clocks differ: a signed token is no longer used this long before it expires."""
ASK_AGAIN_SECONDS = 1.0
MOST_KEPT = 20_000
UNKNOWN_SECONDS = 30.0
"""A token that identity does not know is not asked for again so soon: a new session has a new token."""
MOST_UNKNOWN = 5_000
"""Kept apart from sessions, so that a flood of made-up tokens throws none of those out."""


@dataclasses.dataclass(frozen=True)
class Ask:
    """Whose token came, from which address, and for which first word of the path."""

    token: str
    address: str
    segment: str


class Refused(Problem):
    """What identity answered instead of a signed token; it is passed on as it is."""

    status: ClassVar[int] = 403
    document: Mapping[str, Any]

    def body(self) -> dict[str, Any]:
        return dict(self.document)


@dataclasses.dataclass(slots=True)
class _Kept:
    """What identity said of a token; ``signed`` is empty when it is worth nothing, with a ``refusal`` if it said why.

    With ``address`` it was said of that client address only, and with ``segments`` the token is good for these first
    words of a path; everything else is answered by the refusal.
    """

    signed: str
    fresh_until: float
    usable_until: float
    asked_at: float
    refusal: Mapping[str, Any] | None = None
    address: str | None = None
    segments: tuple[str, ...] | None = None
    is_stranger: bool = False

    def is_about(self, ask: Ask) -> bool:
        return self.address is None or self.address == ask.address

    def worth(self, ask: Ask) -> str:
        """The signed token. Raises Refused or Unauthenticated."""
        is_open = self.segments is None or ask.segment in self.segments
        if self.signed and is_open:
            return self.signed
        if self.refusal:
            raise Refused(document=self.refusal)
        raise Unauthenticated(detail="The session has ended")


class Exchange:
    """Tokens and what they are worth. Without identity the last signed token serves until it expires.

    ``unknown`` limits how often an address makes us ask identity in vain. A session that this gateway has seen is
    asked for all the same, so that a flood locks out nobody who is signed in.
    """

    def __init__(
        self,
        identity: Upstream,
        feed_token: str,
        clock: Callable[[], float] = time.monotonic,
        unknown: Windows | None = None,
    ) -> None:
        self.identity, self.clock = identity, clock
        self.unknown = unknown or Windows(Allowance.parse(UNKNOWN_TOKENS))
        self._headers = [("Authorization", f"Bearer {feed_token}"), ("Content-Type", "application/json")]
        self._kept: dict[str, _Kept] = {}
        self._strangers: dict[str, _Kept] = {}
        self._flights: dict[tuple[str, str], Future[_Kept]] = {}
        self._anew_at = float("-inf")
        self._lock = threading.Lock()

    def signed(self, ask: Ask) -> str:
        """The signed token. Raises Unauthenticated or Refused, Unavailable when nobody knows, or TooManyRequests."""
        return self._known(ask).worth(ask)

    def must_be_session(self, ask: Ask) -> None:
        """Whatever it is good for. Raises Unauthenticated, Unavailable or TooManyRequests."""
        if self._known(ask).is_stranger:
            raise Unauthenticated(detail="The session has ended")

    def expect(self, token: str) -> None:
        """The session has just begun: whoever comes with it is no stranger."""
        self._keep(token, _Kept("", 0.0, self.clock() + FRESH_SECONDS, 0.0))

    def forget(self, token: str) -> None:
        """The session has ended: what is asked at this moment must not bring it back."""
        with self._lock:
            self._turn_away(token, self.clock())

    def ask_anew(self) -> None:
        """Somebody's rights may have changed: what was said, or is being said at this moment, is asked again."""
        with self._lock:
            self._anew_at = self.clock()
            for kept in self._kept.values():
                kept.fresh_until = self._anew_at

    def _known(self, ask: Ask) -> _Kept:
        return self._fresh(ask) or self._one_asks(ask)

    def _fresh(self, ask: Ask) -> _Kept | None:
        kept = self._kept.get(ask.token) or self._strangers.get(ask.token)
        return kept if kept is not None and kept.fresh_until > self.clock() and kept.is_about(ask) else None

    def _one_asks(self, ask: Ask) -> _Kept:
        """However many requests come with this token at once, identity is asked by one of them."""
        key = (ask.token, ask.address)
        with self._lock:
            kept = self._fresh(ask)
            if kept is not None:
                return kept
            flight = self._flights.get(key)
            is_mine = flight is None
            if flight is None:
                if ask.token not in self._kept:
                    self.unknown.must_have_room(ask.address)
                flight = self._flights[key] = Future()
        if is_mine:
            self._fly(ask, flight)
        return flight.result()

    def _fly(self, ask: Ask, flight: Future[_Kept]) -> None:
        try:
            flight.set_result(self._ask(ask, self.clock()))
        except BaseException as error:
            flight.set_exception(error)
        finally:
            with self._lock:
                del self._flights[ask.token, ask.address]

    def _ask(self, ask: Ask, asked_at: float) -> _Kept:
        try:
            answer = self.identity.ask(self._question(ask))
            body = answer.read()
        except Unavailable:
            return self._last(ask)
        if answer.status == 200:
            return self._keep(ask.token, _kept(msgspec.json.decode(body), ask, asked_at))
        if answer.status == 403:
            until, refusal = asked_at + FRESH_SECONDS, msgspec.json.decode(body)
            return self._keep(ask.token, _Kept("", until, asked_at, asked_at, refusal, ask.address))
        if answer.status in (401, 422):
            return self._refuse(ask, asked_at)
        return self._last(ask)

    def _refuse(self, ask: Ask, asked_at: float) -> _Kept:
        """Identity does not know this token, or knows it no more."""
        with self._lock:
            if ask.token not in self._kept:
                with contextlib.suppress(TooManyRequests):
                    self.unknown.count(ask.address)
            return self._turn_away(ask.token, asked_at)

    def _turn_away(self, token: str, asked_at: float) -> _Kept:
        self._kept.pop(token, None)
        if len(self._strangers) >= MOST_UNKNOWN:
            del self._strangers[next(iter(self._strangers))]
        stranger = _Kept("", asked_at + UNKNOWN_SECONDS, asked_at, asked_at, is_stranger=True)
        self._strangers[token] = stranger
        return stranger

    def _question(self, ask: Ask) -> Asked:
        body = msgspec.json.encode({"token": ask.token, "address": ask.address})
        return Asked.with_body("POST", "/internal/exchange", self._headers, body)

    def _keep(self, token: str, new: _Kept) -> _Kept:
        with self._lock:
            kept = self._strangers.get(token) or self._kept.get(token)
            if kept is not None and kept.asked_at > new.asked_at and kept.address is None:
                return kept  # forgotten while we asked, or asked about anew
            if new.asked_at <= self._anew_at:
                new.fresh_until = new.asked_at
            self._strangers.pop(token, None)
            if len(self._kept) >= MOST_KEPT:
                self._make_room()
            self._kept[token] = new
        return new

    def _last(self, ask: Ask) -> _Kept:
        """Identity is away: what it said last still counts for a while. Raises Unavailable."""
        now = self.clock()
        with self._lock:
            kept = self._kept.get(ask.token)
            if kept is None or not kept.signed or kept.usable_until <= now or not kept.is_about(ask):
                raise Unavailable(detail="Nobody can say who you are at this moment")
            kept.fresh_until = now + ASK_AGAIN_SECONDS
            return kept

    def _make_room(self) -> None:
        now = self.clock()
        self._kept = {token: kept for token, kept in self._kept.items() if kept.usable_until > now}
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()


def _kept(said: Mapping[str, Any], ask: Ask, asked_at: float) -> _Kept:
    """What identity said, with the terms it said."""
    usable_until = asked_at + float(said["expires_in"]) - MARGIN_SECONDS
    found = _Kept(said["token"], asked_at + FRESH_SECONDS, usable_until, asked_at)
    if said.get("is_bound"):
        found.address = ask.address
    if only := said.get("only"):
        found.segments, found.refusal = tuple(only["segments"]), only["else"]
    return found
