"""What marketing hears from others, and what each causes."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from chassis import flowing
from chassis.events import Heard, PersonalText
from chassis.transaction import Transaction
from marketing import copies, following
from marketing.flows import CONVERSION, DEAL_CUSTOMER, WIN


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What every event about a customer tells us."""

    customer_no: str
    name: str = ""
    status: int = 1
    manager_id: int | None = None


class CustomerOpened(Standing, Heard, type="customer.customer.opened", key="customer_no"):
    """A customer was opened, perhaps because of one of our opportunities."""

    opportunity_id: int | None = None


class CustomerMatched(Standing, Heard, type="customer.customer.matched", key="customer_no"):
    """A customer of this name was there already when our opportunity was won."""

    opportunity_id: int


class CustomerEdited(Standing, Heard, type="customer.customer.edited", key="customer_no"):
    """What is known of a customer was corrected."""


class CustomerDeleted(Standing, Heard, type="customer.customer.deleted", key="customer_no"):
    """There is nothing more to sell to this customer."""


class CustomerLost(Standing, Heard, type="customer.customer.lost", key="customer_no"):
    """The customer left us; perhaps it buys again."""


class CustomerRecovered(Standing, Heard, type="customer.customer.recovered", key="customer_no"):
    """The customer came back."""


class CustomerReleased(Standing, Heard, type="customer.customer.released", key="customer_no"):
    """Nobody looks after the customer for the time being."""


class CustomerClaimed(Standing, Heard, type="customer.customer.claimed", key="customer_no"):
    """Somebody looks after the customer again."""


class CustomerTransferred(Standing, Heard, type="customer.customer.transferred", key="customer_no"):
    """Somebody else looks after the customer."""

    from_manager_id: int
    reason: str
    with_open_work: bool


class CustomerRestored(Standing, Heard, type="customer.customer.restored", key="customer_no"):
    """A deleted customer is there again."""


class CustomerMerged(Standing, Heard, type="customer.customer.merged", key="customer_no"):
    """The customer took another file in."""


class CustomerAbsorbed(Standing, Heard, type="customer.customer.absorbed", key="customer_no"):
    """The file became part of another one: whatever we have of it is the other one's."""

    into: str
    into_name: str


class CustomerPurged(Heard, type="customer.customer.purged", key="customer_no"):
    """Nothing is kept of the customer."""

    customer_no: str


class ContactAdded(Heard, type="customer.contact.added"):
    """There is somebody at the customer whom we can call."""

    contact_id: int
    customer_no: str
    name: PersonalText


class ContactEdited(Heard, type="customer.contact.edited"):
    """What is known of a contact was corrected."""

    contact_id: int
    customer_no: str
    name: PersonalText


class ContactRemoved(Heard, type="customer.contact.removed"):
    """The contact is no longer there."""

    contact_id: int


class ContactMoved(Heard, type="customer.contact.moved"):
    """The contact is at another customer now."""

    contact_id: int
    customer_no: str
    name: PersonalText


class ContactRestored(Heard, type="customer.contact.restored"):
    """Somebody who was removed can be called again."""

    contact_id: int
    customer_no: str
    name: PersonalText


class LinkRefused(Heard, type="customer.link.refused", key="opportunity_id"):
    """No customer can be opened for one of our opportunities."""

    opportunity_id: int
    reason: str


class IntakeReceived(Heard, type="customer.intake.received", key="origin"):
    """What we brought in belongs to this customer now."""

    origin: str
    customer_no: str
    contact_id: int | None = None


class IntakeRefused(Heard, type="customer.intake.refused", key="origin"):
    """What we brought in cannot become a customer."""

    origin: str
    reason: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Visit:
    """What an event about a return visit tells a calendar."""

    visit_id: int
    subject: str
    customer_no: str
    customer_name: PersonalText
    planned_for: datetime
    owner_id: int


class VisitPlanned(Visit, Heard, type="service-desk.visit.planned"):
    """A customer is to be visited."""


class VisitEdited(Visit, Heard, type="service-desk.visit.edited"):
    """The visit is to be made otherwise."""


class VisitDone(Visit, Heard, type="service-desk.visit.done"):
    """The customer was visited."""


class VisitDeleted(Heard, type="service-desk.visit.deleted"):
    """The visit is not to be made."""

    visit_id: int


def know_visit(tx: Transaction, event: Visit) -> None:
    copies.keep_visit(tx, {**dataclasses.asdict(event), "is_open": True})


def close_visit(tx: Transaction, event: VisitDone) -> None:
    copies.keep_visit(tx, {**dataclasses.asdict(event), "is_open": False})


def forget_visit(tx: Transaction, event: VisitDeleted) -> None:
    copies.drop_visit(tx, event.visit_id)


def know_customer(tx: Transaction, event: Standing) -> None:
    """Keep the customer as it is described now."""
    names = ("customer_no", "name", "status", "manager_id")
    copies.keep_customer(tx, {name: getattr(event, name) for name in names})


def follow_merge(tx: Transaction, event: CustomerAbsorbed) -> None:
    """What we have with the customer is with the other one from now on."""
    know_customer(tx, event)
    copies.remember_merge(tx, event.customer_no, into=event.into)
    following.relink(tx, event.customer_no, to=event.into)


def follow_transfer(tx: Transaction, event: CustomerTransferred) -> None:
    """The new manager goes on with what the old one had under way there, if that is wanted."""
    know_customer(tx, event)
    if event.with_open_work and event.manager_id:
        following.hand_over(tx, event)


def forget_customer(tx: Transaction, event: CustomerPurged) -> None:
    copies.drop_customer(tx, event.customer_no)


def know_customer_and_go_on(tx: Transaction, event: CustomerOpened | CustomerMatched) -> None:
    """Whoever became a customer because of an opportunity is what its flow waits for."""
    know_customer(tx, event)
    go_on_with_win(tx, event)


def go_on_with_win(tx: Transaction, event: CustomerOpened | CustomerMatched | LinkRefused) -> None:
    if event.opportunity_id is not None:
        flowing.hear(tx, WIN, event.opportunity_id, event)


def know_contact(tx: Transaction, event: ContactAdded | ContactEdited | ContactMoved | ContactRestored) -> None:
    copies.keep_contact(tx, dataclasses.asdict(event))


def forget_contact(tx: Transaction, event: ContactRemoved) -> None:
    copies.drop_contact(tx, event.contact_id)


def go_on_with_intake(tx: Transaction, event: IntakeReceived | IntakeRefused) -> None:
    """Whatever was brought in goes on where it waits: a deal, or a lead that is converted."""
    noun, _, number = event.origin.partition("/")
    flowing.hear(tx, {"deal": DEAL_CUSTOMER, "lead": CONVERSION}[noun], int(number), event)
