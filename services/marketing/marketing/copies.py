"""What others told us: the customers there are, and the people we can call there. Written by reactions only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import Moment
from chassis.dialect import insert
from chassis.personal import personal_column, text_column
from chassis.problems import wrong_field
from chassis.transaction import Row, Transaction
from marketing.base import Base

DELETED = 3
"""The customer service's code for a customer that is on record only."""

customer_copy = sa.Table(
    "customer_copy",
    Base.metadata,
    sa.Column("customer_no", sa.String(17), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, info=personal_column(customer="customer_no")),
    sa.Column("name_key", sa.String(300), nullable=False, index=True, info=personal_column(customer="customer_no")),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("manager_id", sa.BigInteger),
    sa.Column("merged_into", sa.String(17), index=True),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)
contact_copy = sa.Table(
    "contact_copy",
    Base.metadata,
    sa.Column("contact_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("customer_no", sa.String(17), nullable=False, index=True),
    sa.Column("name", sa.String(50), nullable=False, info=personal_column(contact="contact_id")),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)

visit_copy = sa.Table(
    "visit_copy",
    Base.metadata,
    sa.Column("visit_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.String(200), nullable=False, info=text_column(visit="visit_id", customer="customer_no")),
    sa.Column("customer_no", sa.String(17), nullable=False, server_default=""),
    sa.Column("customer_name", sa.String(100), nullable=False, info=personal_column(customer="customer_no")),
    sa.Column("planned_for", Moment, nullable=False, index=True),
    sa.Column("owner_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


@dataclasses.dataclass(frozen=True)
class Partner:
    """Whom a deal is with, as far as we know: without a number the customer service has to open it."""

    customer_no: str | None
    customer_name: str
    contact_id: int | None = None
    contact_name: str = ""


def keep_customer(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep a customer as the customer service describes it now."""
    row = {**values, "name_key": name_key(values["name"]), "source_version": tx.heard_version}
    statement = insert(tx.session, customer_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["customer_no"], set_=row))


def remember_merge(tx: Transaction, customer_no: str, *, into: str) -> None:
    """Who became part of whom; who became part of the first one before is part of the second one now."""
    copy = customer_copy.c
    mine = sa.or_(copy.customer_no == customer_no, copy.merged_into == customer_no)
    tx.execute(sa.update(customer_copy).where(mine).values(merged_into=into))


def present_number(tx: Transaction, customer_no: str) -> str:
    """The number of the customer as it is now: what is heard late may name one that became part of another."""
    mine = customer_copy.c.customer_no == customer_no
    return tx.scalar(sa.select(customer_copy.c.merged_into).where(mine)) or customer_no


def drop_customer(tx: Transaction, customer_no: str) -> None:
    tx.execute(sa.delete(customer_copy).where(customer_copy.c.customer_no == customer_no))


def keep_contact(tx: Transaction, values: Mapping[str, Any]) -> None:
    row = {**values, "source_version": tx.heard_version}
    statement = insert(tx.session, contact_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["contact_id"], set_=row))


def drop_contact(tx: Transaction, contact_id: int) -> None:
    tx.execute(sa.delete(contact_copy).where(contact_copy.c.contact_id == contact_id))


def keep_visit(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep a return visit as far as a calendar needs it."""
    row = {**values, "source_version": tx.heard_version}
    statement = insert(tx.session, visit_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["visit_id"], set_=row))


def drop_visit(tx: Transaction, visit_id: int) -> None:
    tx.execute(sa.delete(visit_copy).where(visit_copy.c.visit_id == visit_id))


def find_by_name(tx: Transaction, name: str) -> str | None:
    """The number of the customer who has this name."""
    mine = (customer_copy.c.name_key == name_key(name), customer_copy.c.status != DELETED)
    found: str | None = tx.scalar(sa.select(customer_copy.c.customer_no).where(*mine))
    return found


def partner_of(tx: Transaction, fields: Mapping[str, Any]) -> Partner:
    """Whom the fields mean: by number, or by a name that may be new; the contact belongs to the customer.

    One statement. Raises Invalid, naming the field.
    """
    customer, contact = customer_copy.c, contact_copy.c
    number, name = fields.get("customer_no"), fields.get("customer_name")
    if not (number or name):
        raise wrong_field("/customer_name", "Name the customer, or give the number of one")
    joined = sa.and_(contact.customer_no == customer.customer_no, contact.contact_id == fields.get("contact_id", 0))
    columns = (customer.customer_no, customer.name, contact.contact_id, contact.name.label("contact_name"))
    statement = sa.select(*columns).select_from(customer_copy.outerjoin(contact_copy, joined))
    meant = customer.customer_no == number if number else customer.name_key == name_key(name or "")
    return _partner(tx.row(statement.where(meant, customer.status != DELETED)), fields)


def _partner(found: Row | None, fields: Mapping[str, Any]) -> Partner:
    if found is None and fields.get("customer_no"):
        raise wrong_field("/customer_no", "There is no such customer, as far as this service has heard")
    if fields.get("contact_id") and (found is None or found.contact_id is None):
        raise wrong_field("/contact_id", "There is no such contact at this customer")
    if found is None:
        return Partner(None, fields["customer_name"], None, fields.get("contact_name", ""))
    name = fields.get("contact_name", "") if found.contact_id is None else found.contact_name
    return Partner(found.customer_no, found.name, found.contact_id, name)


def name_key(name: str) -> str:
    """Names that differ only in case or in surrounding blanks are one name."""
    return name.strip().casefold()
