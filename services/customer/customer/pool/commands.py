"""Letting customers go and claiming them."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.dialect import among
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.customer.model import Customer
from customer.pool import queries
from customer.pool.model import claim, is_idle, must_be_within, release

AT_ONCE = 500
"""Customers let go by the rule in one run, so that a new rule does not empty the house in one transaction."""
IDLE = "Nothing has happened for {days} days"


def release_customer(tx: Transaction, customer_no: str, reason: str) -> queries.Offer:
    """Let a customer go into the pool."""
    customer = tx.get(Customer, customer_no)
    tx.publish(release(customer, reason=reason, at=tx.now))
    return queries.get_offer(tx, customer_no)


def claim_customer(tx: Transaction, customer_no: str) -> Customer:
    """Take a customer out of the pool, within the limits.

    The count of one's claims comes first: its row stays locked, so that claims at the same moment see each other.
    """
    rules, who = queries.pool_rules(tx), tx.principal
    claimed_today = queries.count_claim(tx, who.user_id, tx.now.date())
    customer = tx.find(Customer, customer_no)
    if customer is None:
        raise NotFound(detail=f"No customer {customer_no}")
    event = claim(customer, by=who, cooling_days=rules.cooling_days, at=tx.now)
    must_be_within(rules, held=queries.held_by(tx, who.user_id), claimed_today=claimed_today)
    tx.publish(event)
    return customer


def release_idle(tx: Transaction) -> str:
    """Let go whoever was left alone for as many days as the rule says; nobody when there is no rule."""
    days = queries.pool_rules(tx).idle_days
    if not days:
        return "no rule"
    found = queries.customers_to_let_go(tx, days=days, most=AT_ONCE)
    idle = [one.customer_no for one in found if is_idle(one, days=days, as_of=tx.now)]
    mine = sa.select(Customer).where(among(Customer.customer_no, idle)).order_by(Customer.customer_no)
    customers = tx.load(Customer, mine) if idle else []
    reason = IDLE.format(days=days)
    tx.publish_all([(release(one, reason=reason, at=tx.now, by_rule=True), tx.now) for one in customers])
    return f"{len(customers)} customers released"
