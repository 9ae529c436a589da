"""Contacts: people at a customer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import personal, personal_column
from chassis.transaction import Aggregate
from customer.base import Base

OfContact = Annotated[str, personal(contact="contact_id")]
OF_CONTACT = personal_column(contact="id")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """What stands on somebody's card."""

    contact_id: int
    customer_no: str
    name: OfContact
    sex: OfContact
    position: OfContact
    phone: OfContact
    mobile: OfContact
    memo: OfContact


class ContactAdded(Card, Event, type="customer.contact.added"):
    """There is somebody at the customer whom we can call."""


class ContactEdited(Card, Event, type="customer.contact.edited"):
    """What we know of a contact was corrected."""


class ContactRemoved(Event, type="customer.contact.removed"):
    """The contact is no longer there."""

    contact_id: int
    customer_no: str


class ContactMoved(Card, Event, type="customer.contact.moved"):
    """The contact is at another customer now, because the two turned out to be one."""

    from_customer_no: str


class Contact(Erasable, Aggregate, Base):
    """One person; belongs to one customer."""

    __tablename__ = "cst_linkman"
    noun = "contact"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_no: Mapped[str] = mapped_column(sa.ForeignKey("cst_customer.customer_no"), index=True)
    name: Mapped[str] = mapped_column(sa.String(50), index=True, info=OF_CONTACT)
    sex: Mapped[str] = mapped_column(sa.String(5), info=OF_CONTACT)
    position: Mapped[str] = mapped_column(sa.String(50), info=OF_CONTACT)
    phone: Mapped[str] = mapped_column(sa.String(50), info=OF_CONTACT)
    mobile: Mapped[str] = mapped_column(sa.String(50), info=OF_CONTACT)
    memo: Mapped[str] = mapped_column(sa.String(300), info=OF_CONTACT)
    removed_at: Mapped[datetime | None] = mapped_column(index=True)

    @classmethod
    def begin(cls, customer_no: str, fields: Mapping[str, Any]) -> Contact:
        return cls(**{"sex": "", "position": "", "mobile": "", "memo": "", **fields}, customer_no=customer_no)

    def added(self) -> ContactAdded:
        return ContactAdded(**self.card())

    def edit(self, fields: Mapping[str, Any]) -> ContactEdited | None:
        """Correct the card; nothing is said when nothing differs."""
        return ContactEdited(**self.card()) if self.change(**fields) else None

    def remove(self, *, at: datetime) -> ContactRemoved:
        """Out of sight, into the bin."""
        self.removed_at = at
        return ContactRemoved(contact_id=self.id, customer_no=self.customer_no)

    def move_to(self, customer_no: str) -> ContactMoved:
        before, self.customer_no = self.customer_no, customer_no
        return ContactMoved(**self.card(), from_customer_no=before)

    def card(self) -> dict[str, Any]:
        """What every event about it carries."""
        return {"contact_id": self.id} | {name: getattr(self, name) for name in ON_THE_CARD}


ON_THE_CARD = tuple(field.name for field in dataclasses.fields(Card) if field.name != "contact_id")
