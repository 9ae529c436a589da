"""Changing contacts: every change asks the customer first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.contact import queries
from customer.contact.model import Contact
from customer.customer.commands import customer_of


def add_contact(tx: Transaction, customer_no: str, fields: Mapping[str, Any]) -> Contact:
    """Remember somebody at a customer."""
    customer = customer_of(tx, customer_no)
    contact = tx.add(Contact.begin(customer.customer_no, fields))
    tx.publish(contact.added())
    return contact


def edit_contact(tx: Transaction, customer_no: str, contact_id: int, fields: Mapping[str, Any]) -> Contact:
    """Correct what we know of somebody."""
    contact = _contact_of(tx, customer_no, contact_id)
    tx.publish(contact.edit(fields))
    return contact


def remove_contact(tx: Transaction, customer_no: str, contact_id: int) -> None:
    """Put somebody into the bin."""
    contact = _contact_of(tx, customer_no, contact_id)
    tx.publish(contact.remove(at=tx.now))


def know_contact(tx: Transaction, customer_no: str, name: str, phone: str) -> int | None:
    """Remember somebody unless he or she is known; whom we know then. An empty name is nobody."""
    if not name:
        return None
    known = queries.find_contact(tx, customer_no, name, phone)
    return known or add_contact(tx, customer_no, {"name": name, "phone": phone}).id


def _contact_of(tx: Transaction, customer_no: str, contact_id: int) -> Contact:
    customer = customer_of(tx, customer_no)
    contact = tx.get(Contact, contact_id)
    if contact.customer_no != customer.customer_no or contact.removed_at is not None:
        raise NotFound(detail=f"No contact {contact_id} at customer {customer_no}")
    return contact
