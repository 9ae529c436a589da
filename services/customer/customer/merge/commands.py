"""Merging two customers: everything that hung on one hangs on the other, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from chassis.attachments import MOST_FILES, TooManyFiles, attachment
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer import involvements, links
from customer.customer import queries as customers
from customer.customer.model import Customer, must_be_free
from customer.intake import Intake
from customer.loss.model import Loss
from customer.merge import queries
from customer.merge.model import be_absorbed, choices, merged, must_be_movable, must_be_two, take_over
from customer.order.queries import orders_counted
from customer.search.commands import index_again
from customer.tag.model import MOST_TAGS, customer_tag


def merge_customers(tx: Transaction, customer_no: str, absorbed: str, take: Sequence[str] | None = None) -> Customer:
    """Make one customer of two; ``take`` names the fields whose value comes from the absorbed one."""
    survivor, gone = _both(tx, customer_no, absorbed)
    must_be_two(survivor, gone)
    chosen = choices(survivor, gone, take)
    moves = queries.counts_of(tx, absorbed)
    must_be_movable(moves, queries.open_losses(tx, customer_no, absorbed))
    _must_hold_files(tx, survivor, moves["files"])
    if any(one.take_other and one.field == "name" for one in chosen):
        must_be_free(gone.name, customers.find_holder(tx, gone.name), own=absorbed)
    tx.publish(be_absorbed(gone, into=survivor, at=tx.now))
    moves["opportunities"] = _move(tx, absorbed, customer_no)
    take_over(survivor, gone, chosen, MOST_TAGS)
    orders = orders_counted(tx, [customer_no]).get(customer_no, 0)
    tx.publish(merged(survivor, absorbed=absorbed, moved=moves, orders=orders, at=tx.now))
    _keep_tags(tx, survivor, gone)
    index_again(tx, [survivor])
    return survivor


def _both(tx: Transaction, customer_no: str, absorbed: str) -> tuple[Customer, Customer]:
    """Both in the data scope, locked in the order of their numbers; their losses first, as orders lock them."""
    both = sorted({customer_no, absorbed})
    tx.load(Loss, sa.select(Loss).where(Loss.customer_no.in_(both)).order_by(Loss.id))
    seen = (Customer.customer_no.in_(both), tx.principal.only_seen(Customer.manager_id))
    found = tx.load(Customer, sa.select(Customer).where(*seen).order_by(Customer.customer_no))
    known = {one.customer_no: one for one in found}
    for number in (customer_no, absorbed):
        if number not in known:
            raise NotFound(detail=f"No customer {number}")
    tx.must_be_expected(known[customer_no].version)
    return known[customer_no], known[absorbed]


def _must_hold_files(tx: Transaction, survivor: Customer, more: int) -> None:
    has = queries.counts_of(tx, survivor.customer_no)["files"] if more else 0
    if has + more > MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)


def _move(tx: Transaction, absorbed: str, to: str) -> int:
    """Everything with a life of its own says that it moves; what only points follows. How many opportunities did."""
    for kind in queries.CHILDREN.values():
        table = kind.__table__
        key = next(iter(table.primary_key))
        mine = sa.select(kind).where(table.c.customer_no == absorbed).order_by(key)
        tx.publish_all([(one.move_to(to), tx.now) for one in tx.load(kind, mine)])
    of_customer = (attachment.c.noun == Customer.noun, attachment.c.record == absorbed)
    tx.execute(sa.update(attachment).where(*of_customer).values(record=to))
    # Answers that were given once are given again with the number that is good now.
    tx.execute(sa.update(Intake).where(Intake.customer_no == absorbed).values(customer_no=to))
    tx.execute(sa.update(Customer).where(Customer.merged_into == absorbed).values(merged_into=to))
    involvements.relink(tx, absorbed, to=to)
    return links.relink(tx, absorbed, to=to)


def _keep_tags(tx: Transaction, survivor: Customer, gone: Customer) -> None:
    numbers = [survivor.customer_no, gone.customer_no]
    tx.execute(sa.delete(customer_tag).where(customer_tag.c.customer_no.in_(numbers)))
    rows: list[Mapping[str, str]] = [
        {"tag": tag, "customer_no": one.customer_no} for one in (survivor, gone) for tag in one.tags
    ]
    if rows:
        tx.execute(sa.insert(customer_tag), rows)
