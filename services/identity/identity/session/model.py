"""Sessions: an opaque token outside, of which only a fingerprint is kept; a signed one inside, for a minute."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

TOKEN_BYTES = 32
"""256 random bits: nobody guesses one, so a plain SHA-256 is enough to keep it by."""
LASTS = timedelta(hours=12)
LASTS_REMEMBERED = timedelta(days=10)


class Session(Base):
    """Somebody is signed in until ``expires_at``, or until the row is gone."""

    __tablename__ = "sys_session"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def begin(cls, token: str, user_id: int, *, remember: bool, at: datetime) -> Session:
        lasts = LASTS_REMEMBERED if remember else LASTS
        return cls(token_hash=fingerprint(token), user_id=user_id, created_at=at, expires_at=at + lasts)


def new_token() -> str:
    """What the client keeps; we do not."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
