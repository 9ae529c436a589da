"""Reading, and telling people: who is concerned, and is it news?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.transaction import Transaction
from identity.notice import Notice, To, link
from identity.notification.model import KEPT, KEPT_READ, NEWS_FOR, Notification
from identity.notification.queries import Shown, get_own, shown
from identity.role.model import Grant, Role
from identity.user.model import User


def tell(tx: Transaction, notices: Sequence[Notice], event: Any) -> None:
    """Tell everybody whom an event concerns, but not whoever did it; told again, it changes nothing."""
    cause = tx.cause
    if cause is None or tx.now - cause.time > NEWS_FOR:
        return
    for notice in notices:
        said = {name: getattr(event, name) for name in sorted(notice.shown | notice.whom.heard() - {"changes"})}
        row = {
            "event_id": uuid.UUID(cause.id),
            "code": notice.name,
            "parameters": said,
            "link": link(notice, said)[:300],
            "happened_at": cause.time,
            "created_at": tx.now,
        }
        rows = [row | {"user_id": person} for person in _concerned(tx, notice.whom, event)]
        if rows:
            tx.execute(insert(tx.session, Notification.__table__).values(rows).on_conflict_do_nothing())


def _concerned(tx: Transaction, whom: To, event: Any) -> list[int]:
    """Active people who were here when it was recorded: what is told of the past is told to whoever is here."""
    named = _numbers(getattr(event, field) for field in whom.fields)
    named |= _numbers(((event.changes or {}).get(field) or {}).get("old") for field in whom.former)
    below = _numbers(getattr(event, field) for field in whom.above)
    chosen = [User.id.in_(named), User.id.in_(sa.select(User.manager_id).where(User.id.in_(below)))]
    if whom.holders:
        granted = sa.select(Role.code).join(Grant, Grant.role_id == Role.id).where(Grant.right_code == whom.holders)
        chosen.append(User.role.in_(granted.where(Role.is_active)))
    assert tx.cause is not None  # noqa: S101  (asked by ``tell``)
    was_here = sa.or_(User.registered_at.is_(None), User.registered_at <= tx.cause.recordedtime)
    somebody_else = User.id != tx.principal.user_id
    found = sa.select(User.id).where(sa.or_(*chosen), User.is_active, was_here, somebody_else)
    return [row.id for row in tx.rows(found.order_by(User.id))]


def _numbers(values: Any) -> set[int]:
    """Fields hold a number, several, or nothing."""
    found: set[int] = set()
    for value in values:
        found |= {one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)}
    return found


def mark_read(tx: Transaction, notification_id: int) -> Shown:
    """I have seen this."""
    notification = get_own(tx, notification_id)
    notification.read_at = notification.read_at or tx.now
    return shown(notification)


def mark_unread(tx: Transaction, notification_id: int) -> Shown:
    """Remind me of this again."""
    notification = get_own(tx, notification_id)
    notification.read_at = None
    return shown(notification)


def mark_all_read(tx: Transaction, up_to: int | None = None) -> dict[str, int]:
    """I have seen everything, up to a certain notification if I say which; how many are left."""
    mine = [Notification.user_id == tx.principal.user_id, Notification.read_at.is_(None)]
    seen = [Notification.id <= up_to] if up_to is not None else []
    tx.execute(sa.update(Notification).where(*mine, *seen).values(read_at=tx.now))
    return {"unread": tx.scalar(sa.select(sa.func.count()).where(*mine))}


def sweep_notifications(tx: Transaction) -> str:
    """Throw away what was read a season ago, and what nobody has read in a year."""
    age = Notification.created_at
    old = sa.or_(age < tx.now - KEPT, sa.and_(age < tx.now - KEPT_READ, Notification.read_at.is_not(None)))
    return f"{tx.execute(sa.delete(Notification).where(old)).rowcount} old notifications"
