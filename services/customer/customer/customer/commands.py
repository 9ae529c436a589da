"""Changing customers: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import numbering, people
from chassis.transaction import Transaction
from customer.customer import queries
from customer.customer.model import MANAGER_ROLE, NUMBERS, Customer, must_be_free
from customer.duplicate.model import must_be_new
from customer.duplicate.queries import check_of, find_known
from customer.search.commands import index_again, index_new


def open_customer(tx: Transaction, fields: Mapping[str, Any]) -> Customer:
    """Open a customer; who is signed in looks after it unless somebody else is named."""
    fields = dict(fields)
    although_known = fields.pop("although_known", False)
    must_be_free(fields["name"], queries.find_holder(tx, fields["name"]))
    must_be_new(find_known(tx, fields), check=check_of(tx), although_known=although_known)
    (customer,) = add_customers(tx, [{"opened_at": tx.now, **_with_manager(tx, fields)}])
    tx.publish(customer.opened())
    return customer


def edit_customer(tx: Transaction, customer_no: str, fields: Mapping[str, Any]) -> Customer:
    """Correct what we know of a customer, or hand it to another account manager."""
    customer = tx.get(Customer, customer_no)
    if "name" in fields:
        must_be_free(fields["name"], queries.find_holder(tx, fields["name"]), own=customer_no)
    if "manager_id" in fields:
        fields = _with_manager(tx, fields)
    if is_found_otherwise(customer, fields):
        index_again(tx, [customer])
    tx.publish(customer.edit(fields, at=tx.now))
    return customer


def delete_customer(tx: Transaction, customer_no: str) -> None:
    """Take a customer out of sight; the record stays."""
    customer = tx.get(Customer, customer_no)
    tx.publish(customer.delete(at=tx.now))


def customer_of(tx: Transaction, customer_no: str) -> Customer:
    """The customer something else belongs to: in the data scope, not deleted and not erased."""
    expected, tx.expected_version = tx.expected_version, None  # If-Match speaks of the other thing, not of this
    customer = tx.get(Customer, customer_no)
    tx.expected_version = expected
    customer.must_be_there()
    customer.must_not_be_erased()
    return customer


def add_customers(tx: Transaction, described: Sequence[Mapping[str, Any]]) -> Sequence[Customer]:
    """Keep new customers, each with a number of its own."""
    if not described:
        return []
    numbers = numbering.next_numbers(tx, NUMBERS, len(described))
    numbered = zip(numbers, described, strict=True)
    customers = tx.add_all([Customer.begin(fields, number=number) for number, fields in numbered])
    index_new(tx, customers)
    return customers


def _with_manager(tx: Transaction, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if "manager_id" not in fields:
        return {**fields, **signed_in(tx)}
    manager = people.get_active(tx, fields["manager_id"], MANAGER_ROLE)
    return {**fields, "manager_name": manager.full_name}


def signed_in(tx: Transaction) -> dict[str, Any]:
    """Who looks after a customer when nobody is named."""
    return {"manager_id": tx.principal.user_id, "manager_name": tx.principal.name}


def is_found_otherwise(customer: Customer, fields: Mapping[str, Any]) -> bool:
    """Whether these fields give a customer other words to be found by."""
    return any(fields.get(name, getattr(customer, name)) != getattr(customer, name) for name in ("name", "phone"))
