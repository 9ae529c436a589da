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
from customer.customer.life_cycle import Stage
from customer.keys import keys_of

MANAGER_ROLE = "account-manager"
NOBODY = 0
"""The manager of a customer in the pool: a number, because every event about a customer promises one (ADR 0032)."""
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
    stage: int = Stage.POTENTIAL


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


class CustomerStageMoved(Standing, Event, type="customer.customer.stage-moved", key="customer_no"):
    """A customer has come to another stage of its life with us."""

    from_stage: int


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
    name_core: Mapped[str] = mapped_column(sa.String(300), info=SECRET | ABOUT_IT, server_default="", index=True)
    phone_digits: Mapped[str] = mapped_column(sa.String(60), info=SECRET | ABOUT_IT, server_default="", index=True)
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
    licence_no: Mapped[str] = mapped_column(sa.String(50), info=ABOUT_IT, index=True)
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
    stage: Mapped[int] = mapped_column(sa.Integer, default=Stage.POTENTIAL, server_default="1")
    stage_since: Mapped[datetime | None]
    held_since: Mapped[datetime | None]
    pooled_at: Mapped[datetime | None] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)
    merged_into: Mapped[str | None] = mapped_column(sa.String(NUMBER_LENGTH), index=True)
    last_manager_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")

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
        beginning = {"stage": Stage.POTENTIAL, "stage_since": fields["opened_at"], "tags": [], "status": Status.NORMAL}
        beginning["held_since"] = fields["opened_at"]
        known = {**BLANK, **fields, **beginning}
        return cls(**known, **keys_of(known["name"], known["phone"]), customer_no=number)

    def opened(self, *, opportunity_id: int | None = None) -> CustomerOpened:
        return CustomerOpened(**self.standing(), reference=self.reference, opportunity_id=opportunity_id)

    def match(self, *, opportunity_id: int) -> CustomerMatched:
        """An opportunity led to a customer who was there already."""
        return CustomerMatched(**self.standing(), opportunity_id=opportunity_id)

    def edit(self, fields: Mapping[str, Any], *, at: datetime | None = None) -> CustomerEdited | None:
        """Correct what we know; nothing is said when nothing differs. Another manager begins ``at`` some moment."""
        self.must_be_there()
        if fields.get("manager_id", self.manager_id) != self.manager_id:
            fields = {**fields, "held_since": at, "pooled_at": None}
        is_called_otherwise = not {"name", "phone"}.isdisjoint(fields)
        keys = keys_of(fields.get("name", self.name), fields.get("phone", self.phone)) if is_called_otherwise else {}
        if not self.change(**fields, **keys):
            return None
        return CustomerEdited(**self.standing(), reference=self.reference)

    def recognise(self) -> None:
        """Work the keys out anew by which it is known again; they are no news, so nothing is said."""
        self.change(**keys_of(self.name, self.phone))

    def delete(self, *, at: datetime) -> CustomerDeleted:
        """Keep it on record, out of sight."""
        self.must_be_there()
        self.status, self.deleted_at = Status.DELETED, at
        return CustomerDeleted(**self.standing())

    def lose(self, *, loss_id: int, reason: str, at: datetime) -> CustomerLost:
        """Give it up."""
        self.must_be_there()
        self.status = Status.LOST
        self._enter(Stage.ENDED, at)
        return CustomerLost(**self.standing(), loss_id=loss_id, reason=reason, lost_at=at)

    def recover(self, *, order_no: str, at: datetime) -> CustomerRecovered | CustomerStageMoved | None:
        """A lost customer who buys is in normal standing again; one of whom we were warned is where it was."""
        if self.status != Status.LOST:
            return self.move_to(Stage.RECOVERED, at=at)
        self.status = Status.NORMAL
        self._enter(Stage.RECOVERED, at)
        return CustomerRecovered(**self.standing(), order_no=order_no, recovered_at=at)

    def move_to(self, stage: Stage, *, at: datetime) -> CustomerStageMoved | None:
        """Come to a stage; nothing is said of one that it is in, and a deleted customer stays where it was."""
        if stage == self.stage or self.status == Status.DELETED:
            return None
        before = self.stage
        self._enter(stage, at)
        return CustomerStageMoved(**self.standing(), from_stage=before)

    def _enter(self, stage: Stage, at: datetime) -> None:
        self.change(stage=stage, stage_since=at)

    def must_be_there(self) -> None:
        must_be_there(self.customer_no, self.status)

    def must_be_managed_by(self, who: Principal) -> None:
        if who.user_id != self.manager_id:
            raise NotTheManager(detail=f"{self.manager_name} looks after {self.customer_no}")

    def standing(self) -> dict[str, Any]:
        """What every event about it carries."""
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
