"""Customers: what we know of them, who looks after them, and how they are lost and won back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.erasable import Erasable
from chassis.events import Event
from chassis.numbering import Series
from chassis.personal import blank_as, free_text, personal, personal_column
from chassis.principal import Principal
from chassis.problems import Conflict, Forbidden, wrong_field
from chassis.transaction import SECRET, Aggregate
from customer.base import Base

MANAGER_ROLE = "account-manager"
NUMBER_LENGTH = 17
NUMBERS = Series("customer", "KH{yyyy}{MM}{dd}{seq:7}", NUMBER_LENGTH)
"""``KH202611230000001``: the day and a running number of that day."""


class Status(IntEnum):
    """Deleted is final; a lost customer may come back."""

    NORMAL = 1
    LOST = 2
    DELETED = 3


class Level(IntEnum):
    """How much a customer means to us."""

    ORDINARY = 1
    KEY_DEVELOPMENT = 2
    MAJOR = 3
    PARTNER = 4
    STRATEGIC_PARTNER = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What a customer is to us, as reports count it; every event about a customer carries it."""

    customer_no: str
    name: Annotated[str, personal(customer="customer_no")]
    region: str
    manager_id: int
    manager_name: Annotated[str, personal(user="manager_id")]
    level: int
    satisfaction: int | None
    credit: int | None
    status: int
    opened_at: datetime


class CustomerOpened(Standing, Event, type="customer.customer.opened", key="customer_no"):
    """There is a new customer, perhaps because an opportunity was won."""

    reference: str | None
    opportunity_id: int | None


class CustomerMatched(Standing, Event, type="customer.customer.matched", key="customer_no"):
    """An opportunity was won with somebody who was our customer already."""

    opportunity_id: int


class CustomerEdited(Standing, Event, type="customer.customer.edited", key="customer_no"):
    """What we know of a customer was corrected, or somebody else looks after it."""

    reference: str | None


class CustomerDeleted(Standing, Event, type="customer.customer.deleted", key="customer_no"):
    """The customer is kept on record but no longer counted or shown."""


class CustomerLost(Standing, Event, type="customer.customer.lost", key="customer_no"):
    """The account manager has given the customer up."""

    loss_id: int
    reason: Annotated[str, free_text(loss="loss_id", customer="customer_no")]
    lost_at: datetime


class CustomerRecovered(Standing, Event, type="customer.customer.recovered", key="customer_no"):
    """A lost customer buys again."""

    order_no: str
    recovered_at: datetime


class NameTaken(Conflict):
    """There is a customer of this name already."""

    customer_no: str


class CustomerGone(Conflict):
    """The customer was deleted and can only be read."""

    customer_no: str


class NotTheManager(Forbidden):
    """Only the account manager who looks after this customer may do this."""


ABOUT_IT = personal_column(customer="customer_no")
"""A customer may be a person: a sole trader, a freelancer. Then all that is known of it is about somebody."""


class Customer(Erasable, Aggregate, Base):
    """The aggregate; ``status`` moves between normal and lost until it is deleted."""

    __tablename__ = "cst_customer"
    noun = "customer"
    owners = ("manager_id",)

    customer_no: Mapped[str] = mapped_column(sa.String(NUMBER_LENGTH), primary_key=True)
    reference: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100), info=ABOUT_IT)
    # the name says it already; and it has to stay unique when there is no name any more
    name_key: Mapped[str] = mapped_column(
        sa.String(300), info=SECRET | ABOUT_IT | blank_as(lambda table: "(erased " + table.c.customer_no + ")")
    )
    region: Mapped[str] = mapped_column(sa.String(50))
    manager_id: Mapped[int] = mapped_column(sa.BigInteger)
    manager_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="manager_id"))
    level: Mapped[int] = mapped_column(sa.Integer)
    satisfaction: Mapped[int | None] = mapped_column(sa.Integer)
    credit: Mapped[int | None] = mapped_column(sa.Integer)
    address: Mapped[str] = mapped_column(sa.String(300), info=ABOUT_IT)
    postal_code: Mapped[str] = mapped_column(sa.String(10), info=ABOUT_IT)
    phone: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    fax: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    website: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    licence_no: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    legal_person: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    registered_capital_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    yearly_turnover_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    bank: Mapped[str] = mapped_column(sa.String(200), info=ABOUT_IT)
    bank_account: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    local_tax_no: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    national_tax_no: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT)
    status: Mapped[int] = mapped_column(sa.Integer)
    opened_at: Mapped[datetime]

    __table_args__ = (
        sa.Index(
            "cst_customer_one_name",
            "name_key",
            unique=True,
            sqlite_where=sa.text("status <> 3"),
            postgresql_where=sa.text("status <> 3"),
        ),
        # The list hides what is deleted and shows the newest first: each filter finds rows, order and count here.
        sa.Index("cst_customer_newest", "opened_at", "customer_no", "status"),
        sa.Index("cst_customer_of_manager", "manager_id", "opened_at", "customer_no", "status"),
        sa.Index("cst_customer_of_region", "region", "opened_at", "customer_no", "status"),
        sa.Index("cst_customer_of_level", "level", "opened_at", "customer_no", "status"),
        sa.Index("cst_customer_by_name", "name", "customer_no", "status"),
    )

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, number: str) -> Customer:
        """A new customer in normal standing; ``fields`` has name, region, level, manager and ``opened_at``."""
        return cls(**{**BLANK, **fields}, customer_no=number, name_key=name_key(fields["name"]), status=Status.NORMAL)

    def opened(self, *, opportunity_id: int | None = None) -> CustomerOpened:
        return CustomerOpened(**self._standing(), reference=self.reference, opportunity_id=opportunity_id)

    def match(self, *, opportunity_id: int) -> CustomerMatched:
        """An opportunity led to a customer who was there already."""
        return CustomerMatched(**self._standing(), opportunity_id=opportunity_id)

    def edit(self, fields: Mapping[str, Any]) -> CustomerEdited | None:
        """Correct what we know; nothing is said when nothing differs."""
        self.must_be_there()
        keys = {"name_key": name_key(fields["name"])} if "name" in fields else {}
        if not self.change(**fields, **keys):
            return None
        return CustomerEdited(**self._standing(), reference=self.reference)

    def delete(self) -> CustomerDeleted:
        """Keep it on record, out of sight."""
        self.must_be_there()
        self.status = Status.DELETED
        return CustomerDeleted(**self._standing())

    def lose(self, *, loss_id: int, reason: str, at: datetime) -> CustomerLost:
        """Give it up."""
        self.must_be_there()
        self.status = Status.LOST
        return CustomerLost(**self._standing(), loss_id=loss_id, reason=reason, lost_at=at)

    def recover(self, *, order_no: str, at: datetime) -> CustomerRecovered | None:
        """A lost customer who buys is in normal standing again; others stay as they are."""
        if self.status != Status.LOST:
            return None
        self.status = Status.NORMAL
        return CustomerRecovered(**self._standing(), order_no=order_no, recovered_at=at)

    def must_be_there(self) -> None:
        must_be_there(self.customer_no, self.status)

    def must_be_managed_by(self, who: Principal) -> None:
        if who.user_id != self.manager_id:
            raise NotTheManager(detail=f"{self.manager_name} looks after {self.customer_no}")

    def _standing(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in STANDING}


STANDING = tuple(field.name for field in dataclasses.fields(Standing))
BLANK: Mapping[str, Any] = {
    "reference": None,
    "satisfaction": None,
    "credit": None,
    "address": "",
    "postal_code": "",
    "phone": "",
    "fax": "",
    "website": "",
    "licence_no": "",
    "legal_person": "",
    "registered_capital_minor": None,
    "yearly_turnover_minor": None,
    "currency": "CNY",
    "bank": "",
    "bank_account": "",
    "local_tax_no": "",
    "national_tax_no": "",
}
"""What is not known of a new customer."""


def name_key(name: str) -> str:
    """Names that differ only in case or in surrounding blanks are one name."""
    return name.strip().casefold()


def must_be_past(opened_at: datetime, now: datetime) -> None:
    if opened_at > now:
        raise wrong_field("/opened_at", "A customer cannot have been opened in the future")


def must_be_there(customer_no: str, status: int) -> None:
    if status == Status.DELETED:
        raise CustomerGone(customer_no=customer_no, detail=f"{customer_no} was deleted")


def must_be_free(name: str, holder: str | None, *, own: str = "") -> None:
    """``holder`` is the number of the customer who has this name, ``own`` that of the one who wants it."""
    if holder is not None and holder != own:
        raise NameTaken(customer_no=holder, detail=f"{name} is {holder}")


def referenced_or_named(name: str, referenced: Customer | None, named: Customer | None) -> Customer | None:
    """Whom a row with a reference means: whoever has the reference, or has the name and no reference yet.

    Raises NameTaken when the name belongs to somebody else.
    """
    own = referenced.customer_no if referenced else ""
    if named and (referenced or named.reference):
        must_be_free(name, named.customer_no, own=own)
    return referenced or named
