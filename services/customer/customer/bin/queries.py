"""Looking into the bin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal, since, until
from chassis.people import in_unit
from chassis.transaction import Transaction
from customer import copies
from customer.bin.model import DEFAULT_DAYS
from customer.contact.model import Contact
from customer.customer.model import Customer, Status
from customer.intake import Intake
from customer.links import customer_of_opportunity
from customer.loss.model import Loss
from customer.order.model import Order

BIN_DAYS = "bin days"
"""The dictionary's name for how long the bin keeps things; 0 is for ever."""
CUSTOMERS_SHOWN = ("customer_no", "name", "region", "level", "manager_id", "manager_name", "deleted_at", "merged_into",
                   "version")  # fmt: skip
CONTACTS_SHOWN = ("id", "customer_no", "name", "position", "removed_at", "version")

DELETED_CUSTOMERS = Listing(
    columns={name: getattr(Customer, name) for name in CUSTOMERS_SHOWN},
    key=Customer.customer_no,
    owners=(Customer.manager_id,),
    where=(Customer.status == Status.DELETED,),
    filters={
        "customer_no": equal(Customer.customer_no),
        "name": contains(Customer.name),
        "manager_id": equal(Customer.manager_id),
        "unit_id": in_unit(Customer.manager_id),
        "deleted_from": since(Customer.deleted_at),
        "deleted_to": until(Customer.deleted_at),
    },
    sorts={name: getattr(Customer, name) for name in ("customer_no", "name", "deleted_at")},
    default_sort="-deleted_at",
    search=(Customer.name, Customer.customer_no),
)
REMOVED_CONTACTS = Listing(
    columns={name: getattr(Contact, name) for name in CONTACTS_SHOWN} | {"customer_name": Customer.name},
    key=Contact.id,
    source=sa.join(Contact, Customer, Contact.customer_no == Customer.customer_no),
    owners=(Customer.manager_id,),
    where=(Contact.removed_at.is_not(None),),
    filters={
        "customer_no": equal(Contact.customer_no),
        "name": contains(Contact.name),
        "removed_from": since(Contact.removed_at),
        "removed_to": until(Contact.removed_at),
    },
    sorts={"name": Contact.name, "removed_at": Contact.removed_at, "id": Contact.id},
    default_sort="-removed_at",
    search=(Contact.name, Customer.name),
)


def bin_days(tx: Transaction) -> int:
    return copies.numbers_of(tx, [BIN_DAYS]).get(BIN_DAYS, DEFAULT_DAYS)


def needed_by(tx: Transaction, customer_no: str) -> dict[str, int]:
    """What books and reports go back to of a customer; one select."""
    needs = {
        "orders": Order.customer_no,
        "losses": Loss.customer_no,
        "opportunities": customer_of_opportunity.c.customer_no,
        "intakes": Intake.customer_no,
        "merges": Customer.merged_into,
    }
    counted = [
        sa.select(sa.func.count()).where(column == customer_no).scalar_subquery().label(name)
        for name, column in needs.items()
    ]
    row = tx.row(sa.select(*counted))
    return dict(row._mapping) if row else {}


def customers_to_purge(tx: Transaction, *, before: datetime, most: int) -> Sequence[str]:
    """Deleted earlier, and nothing that books need belongs to them; the oldest first."""
    needed = [
        sa.exists().where(Order.customer_no == Customer.customer_no),
        sa.exists().where(Loss.customer_no == Customer.customer_no),
        sa.exists().where(customer_of_opportunity.c.customer_no == Customer.customer_no),
        sa.exists().where(Intake.customer_no == Customer.customer_no),
    ]
    old = (Customer.status == Status.DELETED, Customer.deleted_at < before, Customer.merged_into.is_(None))
    found = sa.select(Customer.customer_no).where(*old, *(~one for one in needed))
    return [row.customer_no for row in tx.rows(found.order_by(Customer.deleted_at).limit(most))]
