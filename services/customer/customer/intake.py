"""What others bring in: a lead that is converted, a deal with somebody we do not know yet. Each is taken in once."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.transaction import Aggregate, Transaction
from customer.activity.model import Activity
from customer.base import Base
from customer.contact.model import Contact
from customer.customer.commands import add_customers
from customer.customer.model import Customer, Level
from customer.customer.model import Status as CustomerStatus
from customer.customer.queries import find_holder
from customer.links import Unnameable, must_be_nameable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody to remember at the customer; without a name nobody."""

    name: str = ""
    position: str = ""
    phone: str = ""
    mobile: str = ""
    memo: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Company:
    """Whom the customer file is opened for, unless there is one."""

    name: str
    customer_no: str | None = None
    phone: str = ""
    website: str = ""
    address: str = ""
    manager_id: int
    manager_name: str
    may_be_known: bool = True
    """Whether a customer of this name may be meant; otherwise the name has to be free."""


class IntakeReceived(Event, type="customer.intake.received", key="origin"):
    """What was brought in belongs to this customer, and to this contact if somebody was named."""

    origin: str
    customer_no: str
    contact_id: int | None


class IntakeRefused(Event, type="customer.intake.refused", key="origin"):
    """What was brought in cannot become a customer, and this is why; nothing was kept of it."""

    origin: str
    reason: str


class Intake(Aggregate, Base):
    """One thing brought in; ``origin`` is ``lead/7`` or ``deal/12``."""

    __tablename__ = "customer_intake"
    noun = "intake"

    origin: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    customer_no: Mapped[str | None] = mapped_column(sa.String(17))
    contact_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]

    def said(self) -> IntakeReceived | IntakeRefused:
        if self.customer_no is None:
            return IntakeRefused(origin=self.origin, reason=self.reason)
        return IntakeReceived(origin=self.origin, customer_no=self.customer_no, contact_id=self.contact_id)


def take_in(tx: Transaction, origin: str, company: Company, person: Person, notes: list[str]) -> None:
    """Open or find the customer, remember the person and the notes, and answer; asked again, only answer again."""
    intake = tx.find(Intake, origin)
    if intake is None:
        intake = tx.add(Intake(origin=origin, reason="", at=tx.now))
    if intake.customer_no is None:
        _try(tx, intake, company, person, notes)
    intake.at = tx.now
    tx.publish(intake.said())


def _try(tx: Transaction, intake: Intake, company: Company, person: Person, notes: list[str]) -> None:
    found = _customer(tx, company)
    if isinstance(found, str):
        intake.reason = found
        return
    contact = _remember(tx, found, person)
    for note in notes:
        activity = tx.add(Activity.begin(found.customer_no, _as_activity(tx, note)))
        tx.publish(activity.recorded())
    intake.customer_no, intake.contact_id, intake.reason = found.customer_no, contact.id if contact else None, ""


def _customer(tx: Transaction, company: Company) -> Customer | str:
    """The customer, or the reason why there is none."""
    if company.customer_no is not None:
        chosen = tx.find(Customer, company.customer_no)
        if chosen is not None and chosen.merged_into is not None:
            chosen = tx.find(Customer, chosen.merged_into)
        if chosen is None or chosen.status == CustomerStatus.DELETED:
            return f"There is no customer {company.customer_no}"
        return chosen
    holder = find_holder(tx, company.name)
    if holder is not None and not company.may_be_known:
        return f"Customer {holder} has this name already"
    return tx.get(Customer, holder) if holder else _opened(tx, company)


def _opened(tx: Transaction, company: Company) -> Customer | str:
    try:
        must_be_nameable(company.name)
    except Unnameable as problem:
        return str(problem)
    fields = {"name": company.name, "region": "", "level": Level.ORDINARY, "opened_at": tx.now}
    fields |= {name: getattr(company, name) for name in ("phone", "website", "address", "manager_id", "manager_name")}
    (customer,) = add_customers(tx, [fields])
    tx.publish(customer.opened())
    return customer


def _remember(tx: Transaction, customer: Customer, person: Person) -> Contact | None:
    if not person.name:
        return None
    contact = tx.add(Contact.begin(customer.customer_no, dataclasses.asdict(person)))
    tx.publish(contact.added())
    return contact


def _as_activity(tx: Transaction, note: str) -> dict[str, object]:
    return {"held_at": tx.now, "place": "-", "title": note[:500], "description": note if len(note) > 500 else ""}
