"""Restoring what was deleted, and purging it for good."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.attachments import attachment, attachment_block
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.activity.model import Activity
from customer.bin import queries
from customer.bin.model import (
    ContactPurged,
    CustomerPurged,
    must_be_purgeable,
    purged_before,
    restore_contact,
    restore_customer,
)
from customer.contact.model import Contact
from customer.customer import queries as customers
from customer.customer.commands import customer_of
from customer.customer.model import Customer, must_be_free
from customer.tag.model import customer_tag

AT_ONCE = 200
"""Customers, and contacts, purged in one run of the job."""


def restore(tx: Transaction, customer_no: str) -> Customer:
    """Bring a deleted customer back with all that belongs to it; its name must be free."""
    customer = tx.get(Customer, customer_no)
    event = restore_customer(customer)
    must_be_free(customer.name, customers.find_holder(tx, customer.name), own=customer_no)
    tx.publish(event)
    return customer


def restore_person(tx: Transaction, customer_no: str, contact_id: int) -> Contact:
    """Bring a removed contact back."""
    customer = customer_of(tx, customer_no)
    contact = tx.get(Contact, contact_id)
    if contact.customer_no != customer.customer_no:
        raise NotFound(detail=f"No contact {contact_id} at customer {customer_no}")
    tx.publish(restore_contact(contact))
    return contact


def purge(tx: Transaction, customer_no: str) -> None:
    """Keep nothing of a deleted customer; one that the books need stays."""
    customer = tx.get(Customer, customer_no)
    must_be_purgeable(customer, queries.needed_by(tx, customer_no))
    _purge_customer(tx, customer)


def purge_bin(tx: Transaction) -> str:
    """The daily job: what has lain in the bin long enough goes, as far as nothing needs it."""
    days = queries.bin_days(tx)
    if not days:
        return "kept for ever"
    before = purged_before(tx.now, days)
    removed = sa.select(Contact).where(Contact.removed_at < before).order_by(Contact.removed_at).limit(AT_ONCE)
    contacts = tx.load(Contact, removed)
    for contact in contacts:
        _purge_contact(tx, contact)
    tx.flush()
    found = queries.customers_to_purge(tx, before=before, most=AT_ONCE)
    for number in found:
        _purge_customer(tx, tx.get(Customer, number))
    return f"{len(found)} customers and {len(contacts)} contacts purged"


def _purge_customer(tx: Transaction, customer: Customer) -> None:
    number = customer.customer_no
    for contact in tx.load(Contact, sa.select(Contact).where(Contact.customer_no == number).order_by(Contact.id)):
        _purge_contact(tx, contact)
    for activity in tx.load(Activity, sa.select(Activity).where(Activity.customer_no == number).order_by(Activity.id)):
        tx.publish_removal(activity, activity.remove())
    tx.flush()
    tx.execute(sa.delete(customer_tag).where(customer_tag.c.customer_no == number))
    _purge_files(tx, Customer.noun, number)
    tx.publish_removal(customer, CustomerPurged(customer_no=number))


def _purge_contact(tx: Transaction, contact: Contact) -> None:
    _purge_files(tx, Contact.noun, str(contact.id))
    tx.publish_removal(contact, ContactPurged(contact_id=contact.id, customer_no=contact.customer_no))


def _purge_files(tx: Transaction, noun: str, record: str) -> None:
    mine = (attachment.c.noun == noun, attachment.c.record == record)
    of_record = sa.select(attachment.c.id).where(*mine)
    tx.execute(sa.delete(attachment_block).where(attachment_block.c.attachment_id.in_(of_record)))
    tx.execute(sa.delete(attachment).where(*mine))
