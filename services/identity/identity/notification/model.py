"""What people were told. Not an aggregate: whether somebody has read something is nobody else's business."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.personal import EVENT_DATA
from identity.base import Base

NEWS_FOR = timedelta(days=7)
"""What happened longer ago is no news: a service that starts, or an import of years, floods nobody."""
KEPT_READ, KEPT = timedelta(days=90), timedelta(days=365)


class Notification(Base):
    """One notice for one person; ``parameters`` are fields of the event, names of people among them."""

    __tablename__ = "sys_notification"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "event_id", "code"),
        sa.Index("sys_notification_by_age", "user_id", "id"),
        sa.Index("sys_notification_unread", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"))
    event_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    code: Mapped[str] = mapped_column(sa.String(120))
    parameters: Mapped[dict[str, Any]] = mapped_column(sa.JSON, info=EVENT_DATA)
    link: Mapped[str] = mapped_column(sa.String(300))
    happened_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
