"""Changing activities: every change asks the customer first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.activity.model import Activity
from customer.customer.commands import customer_of


def record_activity(tx: Transaction, customer_no: str, fields: Mapping[str, Any]) -> Activity:
    """Write down a talk with a customer."""
    customer = customer_of(tx, customer_no)
    activity = tx.add(Activity.begin(customer.customer_no, fields))
    tx.publish(activity.recorded())
    return activity


def edit_activity(tx: Transaction, customer_no: str, activity_id: int, fields: Mapping[str, Any]) -> Activity:
    """Correct what was written down."""
    activity = _activity_of(tx, customer_no, activity_id)
    tx.publish(activity.edit(fields))
    return activity


def remove_activity(tx: Transaction, customer_no: str, activity_id: int) -> None:
    """Throw a record away."""
    activity = _activity_of(tx, customer_no, activity_id)
    tx.publish_removal(activity, activity.remove())


def _activity_of(tx: Transaction, customer_no: str, activity_id: int) -> Activity:
    customer = customer_of(tx, customer_no)
    activity = tx.get(Activity, activity_id)
    if activity.customer_no != customer.customer_no:
        raise NotFound(detail=f"No activity {activity_id} with customer {customer_no}")
    return activity
