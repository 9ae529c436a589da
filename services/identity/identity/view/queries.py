"""Looking at saved views: one's own, and those that others share."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, Page, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.user.model import User
from identity.view.model import SavedView

SHOWN = ("id", "screen", "name", "query", "owner_id", "is_shared", "is_default", "version")

VIEWS = Listing(
    columns={name: getattr(SavedView, name) for name in SHOWN} | {"owner_name": User.full_name},
    key=SavedView.id,
    source=sa.join(SavedView, User, SavedView.owner_id == User.id),
    filters={
        "screen": equal(SavedView.screen),
        "name": contains(SavedView.name),
        "owner_id": equal(SavedView.owner_id),
        "is_shared": equal(SavedView.is_shared),
    },
    sorts={"id": SavedView.id, "name": SavedView.name},
    default_sort="name",
    search=(SavedView.name,),
)


@dataclasses.dataclass(frozen=True)
class Shown:
    """A view as whoever asks sees it: only the owner's list opens with it, and not everybody may change it."""

    id: int
    screen: str
    name: str
    query: str
    owner_id: int
    owner_name: str
    is_shared: bool
    is_default: bool
    may_change: bool
    version: int


def list_views(tx: Transaction, fields: Mapping[str, Any]) -> Page:
    """One's own views and the shared ones."""
    page = VIEWS.page(tx, {key: value for key, value in fields.items() if key != "fields"}, _visible(tx))
    return dataclasses.replace(page, items=[shown(tx, row, row.owner_name) for row in page.items])


def get_view(tx: Transaction, view_id: int) -> Shown:
    """One view. Raises NotFound."""
    found = tx.row(
        sa.select(SavedView, User.full_name)
        .join(User, SavedView.owner_id == User.id)
        .where(SavedView.id == view_id, _visible(tx))
    )
    if found is None:
        raise NotFound(detail=f"No view {view_id}")
    return shown(tx, found.SavedView, found.full_name)


def view_history(tx: Transaction, view_id: int) -> dict[str, Any]:
    """Everything that happened to one view."""
    return history_of(tx, SavedView.noun, get_view(tx, view_id).id)


def shown(tx: Transaction, view: Any, owner_name: str) -> Shown:
    known = {name: getattr(view, name) for name in SHOWN}
    is_mine = view.owner_id == tx.principal.user_id
    known["is_default"] = is_mine and view.is_default
    may_change = SavedView.may_be_changed_by(view, tx.principal)
    return Shown(**known, owner_name=owner_name, may_change=may_change)


def _visible(tx: Transaction) -> sa.ColumnElement[bool]:
    return sa.or_(SavedView.owner_id == tx.principal.user_id, SavedView.is_shared)
