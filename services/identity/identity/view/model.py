"""Saved views of a list: private or shared with everybody; one of them may be what its owner's list opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import GOES, free_text, text_column
from chassis.principal import Principal
from chassis.problems import Conflict, Forbidden, wrong_field
from chassis.transaction import Aggregate
from identity.base import Base

MOST_VIEWS = 50
"""Of one person on one screen: more than anybody can choose from."""
LONGEST_NAME, LONGEST_QUERY = 50, 2000
TIDIES = "user:write"
"""Whoever manages accounts may change what others share: people leave, their shared views stay."""

Words = Annotated[str, free_text(user="owner_id")]


class ViewSaved(Event, type="identity.view.saved"):
    """Somebody keeps a view of a list under a name."""

    view_id: int
    screen: str
    name: Words
    query: Words
    owner_id: int
    is_shared: bool
    is_default: bool


class ViewEdited(Event, type="identity.view.edited"):
    """A view shows something else, is called otherwise, or is shared or not any more."""

    view_id: int
    screen: str
    name: Words
    query: Words
    owner_id: int
    is_shared: bool
    is_default: bool


class ViewRemoved(Event, type="identity.view.removed"):
    """A view is kept no longer."""

    view_id: int
    screen: str
    owner_id: int


class TooManyViews(Conflict):
    """There are as many views of this list as one person may keep; remove one first."""

    screen: str
    most: int


class NotYourView(Forbidden):
    """Somebody else shares this view; save it under a name of your own to change it."""

    view_id: int


class SavedView(Aggregate, Base):
    """One view: ``query`` is what stands in the address of the screen, as text."""

    __tablename__ = "sys_view"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "screen", "name"),
        sa.Index("sys_view_shared", "screen", "is_shared"),
        {"info": GOES},
    )
    noun = "view"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    screen: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME), info=text_column(user="owner_id"))
    query: Mapped[str] = mapped_column(sa.String(LONGEST_QUERY), info=text_column(user="owner_id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("sys_user.id"))
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def begin(cls, fields: Mapping[str, Any], owner_id: int, others: Sequence[SavedView]) -> SavedView:
        """A new view beside the ``others`` of its owner on this screen. Raises TooManyViews or Invalid."""
        if len(others) >= MOST_VIEWS:
            raise TooManyViews(screen=fields["screen"], most=MOST_VIEWS)
        must_be_free(fields["name"], others)
        return cls(**{"is_shared": False, "is_default": False, **fields}, owner_id=owner_id)

    def saved(self) -> ViewSaved:
        return ViewSaved(**self._said())

    def edit(self, fields: Mapping[str, Any], others: Sequence[SavedView]) -> ViewEdited | None:
        must_be_free(fields.get("name", self.name), others)
        return ViewEdited(**self._said()) if self.change(**fields) else None

    def make_room(self) -> ViewEdited | None:
        """Another view becomes the one that its owner's list opens with."""
        return ViewEdited(**self._said()) if self.change(is_default=False) else None

    def removed(self) -> ViewRemoved:
        return ViewRemoved(view_id=self.id, screen=self.screen, owner_id=self.owner_id)

    def may_be_seen_by(self, who: Principal) -> bool:
        return self.is_shared or self.owner_id == who.user_id

    def may_be_changed_by(self, who: Principal) -> bool:
        return self.owner_id == who.user_id or (self.is_shared and who.has(TIDIES))

    def must_be_changed_by(self, who: Principal, fields: Mapping[str, Any]) -> None:
        """Raises NotYourView, or Invalid: which view a list opens with is for its owner alone."""
        if not self.may_be_changed_by(who):
            raise NotYourView(view_id=self.id)
        if "is_default" in fields and self.owner_id != who.user_id:
            raise wrong_field("/is_default", "Only the owner's list opens with it, and only the owner says so")

    def _said(self) -> dict[str, Any]:
        names = ("screen", "name", "query", "owner_id", "is_shared", "is_default")
        return {"view_id": self.id} | {name: getattr(self, name) for name in names}


def must_be_free(name: str, others: Sequence[SavedView]) -> None:
    """Raises Invalid."""
    if any(other.name.casefold() == name.casefold() for other in others):
        raise wrong_field("/name", "You have a view of this name already")
