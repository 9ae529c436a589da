"""Looking at activities."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.activity.model import Activity
from customer.customer.model import Customer

SHOWN = ["id", "customer_no", "held_at", "place", "title", "description", "memo", "version"]

ACTIVITIES = Listing(
    columns={name: getattr(Activity, name) for name in SHOWN} | {"customer_name": Customer.name},
    key=Activity.id,
    source=sa.join(Activity, Customer, Activity.customer_no == Customer.customer_no),
    owners=(Customer.manager_id,),
    filters={
        "customer_no": equal(Activity.customer_no),
        "customer_name": contains(Customer.name),
        "title": contains(Activity.title),
        "place": contains(Activity.place),
        "held_from": since(Activity.held_at),
        "held_to": until(Activity.held_at),
    },
    sorts={"held_at": Activity.held_at, "customer_name": Customer.name, "id": Activity.id},
    default_sort="-held_at",
    search=(Activity.title, Activity.place, Customer.name),
)


def get_activity(tx: Transaction, customer_no: str, activity_id: int) -> Activity:
    """One activity of a customer in the data scope. Raises NotFound."""
    with_customer = sa.select(Activity).join(Customer, Customer.customer_no == Activity.customer_no)
    mine = (
        Activity.id == activity_id,
        Activity.customer_no == customer_no,
        tx.principal.only_seen(Customer.manager_id),
    )
    found: Activity | None = tx.scalar(with_customer.where(*mine))
    if found is None:
        raise NotFound(detail=f"No activity {activity_id} with customer {customer_no}")
    return found


def activity_history(tx: Transaction, customer_no: str, activity_id: int) -> dict[str, Any]:
    """Everything that happened to one record of a talk."""
    return history_of(tx, Activity.noun, get_activity(tx, customer_no, activity_id).id)
