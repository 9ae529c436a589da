"""Saving, changing and removing views: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.user.model import User
from identity.view.model import SavedView
from identity.view.queries import Shown, shown


def save_view(tx: Transaction, fields: Mapping[str, Any]) -> Shown:
    """Keep how a list looks under a name."""
    others = _views_of(tx, tx.principal.user_id, fields["screen"])
    view = tx.add(SavedView.begin(fields, tx.principal.user_id, others))
    _make_room(tx, fields, others)
    tx.publish(view.saved())
    return shown(tx, view, tx.principal.name)


def edit_view(tx: Transaction, view_id: int, fields: Mapping[str, Any]) -> Shown:
    """Let a view show something else, or be called or shared otherwise."""
    view = _get(tx, view_id, fields)
    others = [one for one in _views_of(tx, view.owner_id, view.screen) if one is not view]
    tx.publish(view.edit(fields, others))
    _make_room(tx, fields, others)
    return shown(tx, view, _full_name(tx, view.owner_id))


def remove_view(tx: Transaction, view_id: int) -> None:
    """Keep a view no longer."""
    view = _get(tx, view_id, {})
    tx.publish_removal(view, view.removed())


def _get(tx: Transaction, view_id: int, fields: Mapping[str, Any]) -> SavedView:
    """Raises NotFound for what others keep to themselves, NotYourView for what they share."""
    view = tx.find(SavedView, view_id)
    if view is None or not view.may_be_seen_by(tx.principal):
        raise NotFound(detail=f"No view {view_id}")
    view.must_be_changed_by(tx.principal, fields)
    tx.must_be_expected(view.version)
    return view


def _views_of(tx: Transaction, owner_id: int, screen: str) -> list[SavedView]:
    mine = sa.select(SavedView).where(SavedView.owner_id == owner_id, SavedView.screen == screen)
    return tx.load(SavedView, mine.order_by(SavedView.id))


def _make_room(tx: Transaction, fields: Mapping[str, Any], others: Sequence[SavedView]) -> None:
    """A list opens with one view."""
    if fields.get("is_default"):
        tx.publish_all([(other.make_room(), None) for other in others if other.is_default])


def _full_name(tx: Transaction, user_id: int) -> str:
    if user_id == tx.principal.user_id:
        return tx.principal.name
    return str(tx.scalar(sa.select(User.full_name).where(User.id == user_id)) or "")
