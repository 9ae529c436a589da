"""Customers by the table: known ones are corrected, new ones opened, a wrong row spoils only itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.bulk import Batch, Row, in_bulk
from chassis.problems import wrong_field
from chassis.transaction import Transaction
from customer.customer import queries
from customer.customer.commands import add_customers, is_found_otherwise, signed_in
from customer.customer.model import (
    Customer,
    CustomerDeleted,
    CustomerEdited,
    must_be_past,
    referenced_or_named,
)
from customer.keys import name_key
from customer.search.commands import index_again


@in_bulk
def import_customers(tx: Transaction, batch: Batch) -> None:
    """Open or correct many customers, known again by reference or by name."""
    meaning, managers = _Meaning(tx, batch), queries.managers_named(tx, list(batch))
    new: list[Mapping[str, Any]] = []
    edits: list[CustomerEdited | None] = []
    renamed: list[Customer] = []
    for row in batch:
        with batch.judging(row):
            fields = _with_manager(managers, row.values)
            must_be_past(fields.get("opened_at", tx.now), tx.now)
            customer = meaning.of(row)
            if not batch.permits(row, is_new=customer is None):
                continue
            if customer is None:
                new.append({"opened_at": tx.now, **signed_in(tx), **fields})
            else:
                renamed += [customer] if is_found_otherwise(customer, fields) else []
                edits.append(customer.edit(fields, at=tx.now))
    tx.publish_all([(edit, tx.now) for edit in edits])
    index_again(tx, renamed)
    tx.publish_all([(customer.opened(), customer.opened_at) for customer in add_customers(tx, new)])
    batch.created, batch.unchanged = len(new), edits.count(None)
    batch.updated = len(edits) - batch.unchanged


class _Meaning:
    """Which customer a row means: each may be meant once."""

    def __init__(self, tx: Transaction, batch: Batch) -> None:
        self.by_name, self.by_reference = queries.customers_meant(tx, list(batch))
        self.meant: dict[tuple[str, str], int] = {}

    def of(self, row: Row) -> Customer | None:
        """None for a new one. Raises NameTaken, or Invalid when an earlier row means the same."""
        name, reference = row.values["name"], row.values.get("reference", "")
        self._must_be_first(row, ("name", name_key(name)))
        if not reference:
            return self.by_name.get(name_key(name))
        self._must_be_first(row, ("reference", reference))
        return referenced_or_named(name, self.by_reference.get(reference), self.by_name.get(name_key(name)))

    def _must_be_first(self, row: Row, meant: tuple[str, str]) -> None:
        earlier = self.meant.setdefault(meant, row.number)
        if earlier != row.number:
            raise wrong_field(f"/{meant[0]}", f"Row {earlier} means the same customer")


def _with_manager(managers: Mapping[int | str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row's fields, its manager by id and name. Raises Invalid when nobody active is meant."""
    fields = dict(said)
    login = fields.pop("manager_login", None)
    asked = login or fields.get("manager_id")
    if asked is None:
        return fields
    if asked not in managers:
        raise wrong_field("/manager_login" if login else "/manager_id", f"{asked} is no active account manager")
    return {**fields, "manager_id": managers[asked].user_id, "manager_name": managers[asked].full_name}


def withdraw_customer(tx: Transaction, customer: Customer) -> CustomerDeleted:
    """An imported customer goes out of sight again; the record stays."""
    return customer.delete(at=tx.now)


def give_back(tx: Transaction, customer: Customer, old: Mapping[str, Any]) -> CustomerEdited | None:
    """A customer has the values again that it had before an import, and is found by them."""
    index_again(tx, [customer])
    return customer.edit(old, at=tx.now)
