"""Looking at what one was told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.notices import texts
from identity.notification.model import Notification

IS_READ = Notification.read_at.is_not(None)
SHOWN = ("id", "code", "parameters", "link", "happened_at", "created_at", "read_at")

NOTIFICATIONS = Listing(
    columns={name: getattr(Notification, name) for name in SHOWN},
    key=Notification.id,
    whose=Notification.user_id,
    filters={
        "is_read": equal(IS_READ),
        "code": equal(Notification.code),
        "created_from": since(Notification.created_at),
        "created_to": until(Notification.created_at),
    },
    sorts={"id": Notification.id},
    default_sort="-id",
)


@dataclasses.dataclass(frozen=True)
class Shown:
    """A notification with its texts."""

    id: int
    code: str
    parameters: Mapping[str, Any]
    link: str
    happened_at: Any
    created_at: Any
    read_at: Any
    text_zh: str
    text_en: str

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


@dataclasses.dataclass(frozen=True)
class Inbox:
    """A page of what somebody was told, newest first, and how much of all is unread."""

    items: list[Shown]
    page: int
    size: int
    total: int
    next_cursor: str | None
    unread: int


def shown(row: Any) -> Shown:
    text_zh, text_en = texts(row.code, row.parameters)
    known = {name: getattr(row, name) for name in SHOWN}
    return Shown(**known, text_zh=text_zh, text_en=text_en)


def inbox(tx: Transaction, fields: Mapping[str, Any]) -> Inbox:
    """What one was told: two statements, the page and the counts."""
    page = NOTIFICATIONS.page(tx, {**fields, "total": False})
    fits = sa.and_(sa.true(), *NOTIFICATIONS.conditions(tx, fields))
    columns = (sa.func.count().filter(fits).label("total"), sa.func.count().filter(~IS_READ).label("unread"))
    counts = tx.row(sa.select(*columns).where(Notification.user_id == tx.principal.user_id))
    assert counts is not None  # noqa: S101  (counts without groups are always a row)
    items = [shown(row) for row in page.items]
    return Inbox(items, page.page, page.size, counts.total, page.next_cursor, counts.unread)


def get_own(tx: Transaction, notification_id: int) -> Notification:
    """One of the own notifications. Raises NotFound."""
    mine = (Notification.id == notification_id, Notification.user_id == tx.principal.user_id)
    found: Notification | None = tx.scalar(sa.select(Notification).where(*mine))
    if found is None:
        raise NotFound(detail=f"No notification {notification_id}")
    return found
