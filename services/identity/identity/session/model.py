"""Sessions: an opaque token outside, of which only a fingerprint is kept; a signed one inside, for a minute."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.caller import LONGEST_ADDRESS, LONGEST_AGENT, Caller
from chassis.database import BigId
from chassis.events import Event
from chassis.personal import personal, personal_column
from chassis.transaction import SECRET, Aggregate
from identity.base import Base

TOKEN_BYTES = 32
"""256 random bits: nobody guesses one, so a plain SHA-256 is enough to keep it by."""
LASTS = timedelta(hours=12)
LASTS_REMEMBERED = timedelta(days=10)
NOTED_EVERY = timedelta(minutes=5)
"""How exactly a session knows when it was last used: noting each request would cost a write."""


OfUser = Annotated[str, personal(user="user_id")]
OF_USER = personal_column(user="user_id")


class SessionOpened(Event, type="identity.session.opened"):
    """Somebody signed in."""

    session_id: int
    user_id: int
    login: OfUser
    full_name: OfUser
    address: OfUser
    agent: OfUser
    is_remembered: bool
    expires_at: datetime


class SessionEnded(Event, type="identity.session.ended"):
    """A session ended before its time: signed out, or ended by what happened to the account."""

    session_id: int
    user_id: int
    reason: str


class SignInFailed(Event, type="identity.sign-in.failed", key="attempt_id"):
    """Somebody tried to sign in, and was not let in; who has no account has no ``user_id``."""

    attempt_id: UUID
    user_id: int | None
    login: OfUser
    reason: str
    address: OfUser
    agent: OfUser


class Session(Aggregate, Base):
    """Somebody is signed in until ``expires_at``, or until the row is gone."""

    __tablename__ = "sys_session"
    noun = "session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, info=SECRET)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime]
    is_remembered: Mapped[bool]
    address: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS), info=OF_USER)
    agent: Mapped[str] = mapped_column(sa.String(LONGEST_AGENT), info=OF_USER)

    @classmethod
    def begin(cls, token: str, user_id: int, *, caller: Caller, remember: bool, at: datetime) -> Session:
        return cls(
            token_hash=fingerprint(token),
            user_id=user_id,
            created_at=at,
            last_used_at=at,
            expires_at=at + (LASTS_REMEMBERED if remember else LASTS),
            is_remembered=remember,
            address=caller.address,
            agent=caller.agent,
        )

    def opened(self, *, login: str, full_name: str) -> SessionOpened:
        names = ("user_id", "address", "agent", "is_remembered", "expires_at")
        said = {name: getattr(self, name) for name in names}
        return SessionOpened(session_id=self.id, login=login, full_name=full_name, **said)

    def end(self, reason: str) -> SessionEnded:
        return SessionEnded(session_id=self.id, user_id=self.user_id, reason=reason)


def new_token() -> str:
    """What the client keeps; we do not."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
