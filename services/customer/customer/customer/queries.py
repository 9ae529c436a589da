"""Looking at customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.bulk import Row
from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.people import in_unit, person
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.customer.model import MANAGER_ROLE, Customer, Status
from customer.keys import name_key
from customer.search.queries import found_by
from customer.tag.queries import tagged

SHOWN = [
    "customer_no",
    "reference",
    "name",
    "region",
    "manager_id",
    "manager_name",
    "level",
    "satisfaction",
    "credit",
    "phone",
    "status",
    "erased",
    "opened_at",
    "stage",
    "tags",
    "version",
]
NOT_DELETED = f"{Status.NORMAL:d},{Status.LOST:d}"

CUSTOMERS = Listing(
    columns={name: getattr(Customer, name) for name in SHOWN},
    key=Customer.customer_no,
    owners=(Customer.manager_id,),
    filters={
        "customer_no": equal(Customer.customer_no),
        "reference": equal(Customer.reference),
        "name": contains(Customer.name),
        "region": equal(Customer.region),
        "manager_id": equal(Customer.manager_id),
        "unit_id": in_unit(Customer.manager_id),
        "manager_name": contains(Customer.manager_name),
        "level": equal(Customer.level),
        "satisfaction": equal(Customer.satisfaction),
        "credit": equal(Customer.credit),
        "status": equal(Customer.status),
        "stage": equal(Customer.stage),
        "tag": tagged,
        "opened_from": since(Customer.opened_at),
        "opened_to": until(Customer.opened_at),
    },
    defaults={"status": NOT_DELETED},
    sorts={name: getattr(Customer, name) for name in ("customer_no", "name", "region", "level", "opened_at", "status")},
    default_sort="-opened_at",
    finds=found_by,
)

MANAGERS = Listing(
    columns={"user_id": person.c.user_id, "login": person.c.login, "full_name": person.c.full_name},
    key=person.c.user_id,
    where=(person.c.role == MANAGER_ROLE, person.c.is_active),
    filters={"login": equal(person.c.login), "full_name": contains(person.c.full_name)},
    sorts={"full_name": person.c.full_name, "user_id": person.c.user_id},
    default_sort="full_name",
    search=(person.c.full_name,),
)
"""Who may look after a customer: active account managers, as far as identity has told us."""


def get_customer(tx: Transaction, customer_no: str) -> Customer:
    """One customer in the data scope. Raises NotFound."""
    mine = (Customer.customer_no == customer_no, tx.principal.only_seen(Customer.manager_id))
    found: Customer | None = tx.scalar(sa.select(Customer).where(*mine))
    if found is None:
        raise NotFound(detail=f"No customer {customer_no}")
    return found


def customer_history(tx: Transaction, customer_no: str) -> dict[str, Any]:
    """Everything that happened to one customer."""
    return history_of(tx, Customer.noun, get_customer(tx, customer_no).customer_no)


def find_holder(tx: Transaction, name: str) -> str | None:
    """The number of the customer who has this name now."""
    holds = (Customer.name_key == name_key(name), Customer.status != Status.DELETED)
    holder: str | None = tx.scalar(sa.select(Customer.customer_no).where(*holds))
    return holder


def customers_meant(tx: Transaction, rows: Sequence[Row]) -> tuple[dict[str, Customer], dict[str, Customer]]:
    """The customers that these rows may mean, by name key (deleted ones left out) and by reference; one select."""
    names = {name_key(row.values["name"]) for row in rows}
    by_name = sa.and_(Customer.name_key.in_(names), Customer.status != Status.DELETED)
    by_reference = Customer.reference.in_(said(rows, "reference"))
    statement = sa.select(Customer).where(sa.or_(by_name, by_reference)).order_by(Customer.customer_no)
    found = tx.load(Customer, statement)
    named = {one.name_key: one for one in found if one.status != Status.DELETED}
    return named, {one.reference: one for one in found if one.reference}


def managers_named(tx: Transaction, rows: Sequence[Row]) -> dict[int | str, Any]:
    """The active account managers that these rows name, by user id and by login; one select."""
    ids, logins = said(rows, "manager_id"), said(rows, "manager_login")
    if not ids and not logins:
        return {}
    named = sa.or_(person.c.user_id.in_(ids), person.c.login.in_(logins))
    found = tx.rows(sa.select(person).where(named, person.c.role == MANAGER_ROLE, person.c.is_active))
    return {one.user_id: one for one in found} | {one.login: one for one in found}


def said(rows: Sequence[Row], field: str) -> set[Any]:
    """Every value that these rows give to a field."""
    return {row.values[field] for row in rows if field in row.values}
