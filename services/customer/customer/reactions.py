"""What the customer service hears from others, and what each causes."""

from __future__ import annotations

import dataclasses

from chassis.events import Heard, PersonalText
from chassis.transaction import Transaction
from customer import involvements
from customer.contact.commands import know_contact
from customer.customer.commands import add_customers
from customer.customer.model import Customer, Level
from customer.customer.queries import find_holder
from customer.intake import Company, Person, take_in
from customer.links import Unnameable, find_linked, link, must_be_nameable, refuse_link


class OpportunityWon(Heard, type="marketing.opportunity.won"):
    """Somebody buys: there is a customer to look after."""

    opportunity_id: int
    customer_name: str
    contact_name: PersonalText
    contact_phone: PersonalText
    manager_id: int
    manager_name: PersonalText


class LinkRequested(OpportunityWon, type="marketing.opportunity.link-requested"):
    """Marketing does not know yet which customer came of it, and asks."""


class DealCreated(Heard, type="marketing.deal.created"):
    """Somebody may buy; when marketing does not know the customer, it is opened here."""

    deal_id: int
    customer_no: str | None = None
    customer_name: str
    contact_name: PersonalText = ""
    owner_id: int
    owner_name: PersonalText
    name: str = ""
    amount_minor: int = 0
    currency: str = "CNY"


class DealCustomerRequested(DealCreated, type="marketing.deal.customer-requested"):
    """Marketing still does not know the customer of a deal, and asks again."""


class ConversionRequested(Heard, type="marketing.lead.conversion-requested"):
    """A lead is to become a customer and a contact."""

    lead_id: int
    company: str
    customer_no: str | None = None
    full_name: PersonalText
    position: str = ""
    phone: PersonalText = ""
    mobile: PersonalText = ""
    website: str = ""
    address: str = ""
    remarks: list[str] = dataclasses.field(default_factory=list)
    owner_id: int
    owner_name: PersonalText


def know_deal_and_take_it_in(tx: Transaction, event: DealCreated) -> None:
    """A new deal is shown with its customer, and opens it unless it is known."""
    involvements.know_deal(tx, event)
    take_in_deal(tx, event)


def know_win_and_welcome(tx: Transaction, event: OpportunityWon) -> None:
    """A won opportunity is shown with its customer, and opens it unless it is known."""
    involvements.know_win(tx, event)
    welcome_customer(tx, event)


def take_in_deal(tx: Transaction, event: DealCreated) -> None:
    """Open the customer of a deal, or find it, unless marketing knows it."""
    if event.customer_no is None:
        company = Company(name=event.customer_name, manager_id=event.owner_id, manager_name=event.owner_name)
        take_in(tx, f"deal/{event.deal_id}", company, Person(name=event.contact_name), [])


def take_in_lead(tx: Transaction, event: ConversionRequested) -> None:
    """Open the customer of a lead, or take the chosen one, with the person as its contact and the remarks."""
    company = Company(
        name=event.company,
        customer_no=event.customer_no,
        phone=event.phone,
        website=event.website,
        address=event.address,
        manager_id=event.owner_id,
        manager_name=event.owner_name,
        may_be_known=False,
    )
    person = Person(name=event.full_name, position=event.position, phone=event.phone, mobile=event.mobile)
    take_in(tx, f"lead/{event.lead_id}", company, person, event.remarks)


def welcome_customer(tx: Transaction, event: OpportunityWon) -> None:
    """Open the customer, or find it, and remember whom we talked to; heard again, nothing more."""
    if find_linked(tx, event.opportunity_id) is not None:
        return
    try:
        customer = _matched(tx, event) or _opened(tx, event)
    except Unnameable as problem:
        refuse_link(tx, event.opportunity_id, str(problem))
    else:
        contact_id = know_contact(tx, customer.customer_no, event.contact_name, event.contact_phone)
        link(tx, event.opportunity_id, customer.customer_no, contact_id)


def tell_customer(tx: Transaction, event: LinkRequested) -> None:
    """Say again which customer came of it; when there is none yet, open it now."""
    customer_no = find_linked(tx, event.opportunity_id)
    if customer_no is None:
        welcome_customer(tx, event)
    else:
        tx.publish(tx.get(Customer, customer_no).match(opportunity_id=event.opportunity_id))


def _matched(tx: Transaction, event: OpportunityWon) -> Customer | None:
    holder = find_holder(tx, event.customer_name)
    if holder is None:
        return None
    customer = tx.get(Customer, holder)
    tx.publish(customer.match(opportunity_id=event.opportunity_id))
    return customer


def _opened(tx: Transaction, event: OpportunityWon) -> Customer:
    """The other fields are filled in later, by whoever looks after the customer."""
    must_be_nameable(event.customer_name)
    fields = {
        "name": event.customer_name,
        "region": "",
        "level": Level.ORDINARY,
        "manager_id": event.manager_id,
        "manager_name": event.manager_name,
        "opened_at": tx.now,
    }
    (customer,) = add_customers(tx, [fields])
    tx.publish(customer.opened(opportunity_id=event.opportunity_id))
    return customer
