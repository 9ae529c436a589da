"""Looking at contacts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.contact.model import Contact
from customer.customer.model import Customer

SHOWN = ["id", "customer_no", "name", "sex", "position", "phone", "mobile", "memo", "erased", "version"]

CONTACTS = Listing(
    columns={name: getattr(Contact, name) for name in SHOWN} | {"customer_name": Customer.name},
    key=Contact.id,
    source=sa.join(Contact, Customer, Contact.customer_no == Customer.customer_no),
    owners=(Customer.manager_id,),
    where=(Contact.removed_at.is_(None),),
    filters={
        "customer_no": equal(Contact.customer_no),
        "customer_name": contains(Customer.name),
        "name": contains(Contact.name),
        "position": contains(Contact.position),
        "phone": contains(Contact.phone),
        "mobile": contains(Contact.mobile),
    },
    sorts={"name": Contact.name, "customer_name": Customer.name, "id": Contact.id},
    default_sort="name",
    search=(Contact.name, Contact.phone, Contact.mobile, Customer.name),
)


def get_contact(tx: Transaction, customer_no: str, contact_id: int) -> Contact:
    """One contact of a customer in the data scope. Raises NotFound."""
    at_customer = sa.select(Contact).join(Customer, Customer.customer_no == Contact.customer_no)
    mine = (Contact.id == contact_id, Contact.customer_no == customer_no, Contact.removed_at.is_(None))
    found: Contact | None = tx.scalar(at_customer.where(*mine, tx.principal.only_seen(Customer.manager_id)))
    if found is None:
        raise NotFound(detail=f"No contact {contact_id} at customer {customer_no}")
    return found


def contact_history(tx: Transaction, customer_no: str, contact_id: int) -> dict[str, Any]:
    """Everything that happened to one contact."""
    return history_of(tx, Contact.noun, get_contact(tx, customer_no, contact_id).id)


def find_contact(tx: Transaction, customer_no: str, name: str, phone: str) -> int | None:
    """The id of somebody of this name and phone at the customer."""
    same = (Contact.customer_no == customer_no, Contact.name == name, Contact.phone == phone)
    there = (*same, Contact.removed_at.is_(None))
    known: int | None = tx.scalar(sa.select(Contact.id).where(*there).order_by(Contact.id).limit(1))
    return known
