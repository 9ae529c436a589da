"""Changing orders: placed as the sales system says, or cancelled; a new one may bring a customer back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import numbering
from chassis.dialect import among
from chassis.problems import wrong_field
from chassis.transaction import Row, Transaction
from customer.customer.life_cycle import MOVED_BY_ORDERS, stage_of_buyer
from customer.customer.model import Customer, CustomerGone, must_be_there
from customer.loss.commands import recover_customers, unsettled_losses
from customer.loss.model import Purchase
from customer.order import queries
from customer.order.life_cycle import LIFE_CYCLE, NEXT, Status
from customer.order.model import (
    NUMBERS,
    ORDER,
    Order,
    OrderLine,
    Placement,
    Sold,
    amount_of,
    fingerprint,
    must_be_same,
    must_make_sense,
)
from customer.order.queries import Known

UNSAID = {"address": "", "status": int(Status.NEW), "kind": ORDER, "currency": "CNY"}


def place_order(tx: Transaction, fields: Mapping[str, Any]) -> Order:
    """Take over one order; said again in the same words, it is left alone."""
    placement = judge(fields, queries.known_about(tx, [fields]), tx.now)
    keep(tx, [placement] if placement else [])
    return queries.get_order(tx, fields["order_no"])


def enter_order(tx: Transaction, fields: Mapping[str, Any]) -> Order:
    """Enter an order by hand: it gets a number unless it has one, and prices of the product list where none is said."""
    if not fields.get("order_no"):
        (number,) = numbering.next_numbers(tx, NUMBERS)
        fields = {**fields, "order_no": number}
    return place_order(tx, {"ordered_at": tx.now, **fields})


def advance_order(tx: Transaction, order_no: str, action: str) -> Order:
    """Let it go a step on."""
    order = tx.pick(Order, queries.in_scope(tx, order_no))
    LIFE_CYCLE.must_allow(action, tx.case(order))
    tx.publish(order.advance(action, NEXT[action]))
    return order


def _step(action: str) -> Callable[[Transaction, str], Order]:
    def step(tx: Transaction, order_no: str) -> Order:
        return advance_order(tx, order_no, action)

    step.__doc__, step.__name__ = f"{action.capitalize()} it.", f"{action}_order"
    return step


confirm_order, pick_order, ship_order, deliver_order, settle_order = (_step(action) for action in NEXT)


def cancel_order(tx: Transaction, order_no: str, reason: str = "") -> Order:
    """An order that does not count any more."""
    order = tx.pick(Order, queries.in_scope(tx, order_no))
    LIFE_CYCLE.must_allow("cancel", tx.case(order))
    tx.publish(order.cancel(reason=reason, at=tx.now))
    return order


def judge(said: Mapping[str, Any], known: Known, now: datetime) -> Placement | None:
    """What is to be placed; None when it is here already. Raises whatever speaks against it."""
    customer = _customer_of(said, known)
    must_be_there(customer.customer_no, customer.status)
    lines = [_line(number, line, known) for number, line in enumerate(said.get("lines", ()))]
    fields = {
        "order_no": said["order_no"],
        "customer_no": customer.customer_no,
        "ordered_at": said["ordered_at"],
        "amount_minor": amount_of(said.get("amount_minor"), lines),
        **{name: said.get(name, unsaid) for name, unsaid in UNSAID.items()},
    }
    must_make_sense(fields, now)
    # The fingerprint is of what is said, so that an order is known again after its customer was merged.
    content, earlier = fingerprint(fields, lines), known.contents.get(said["order_no"])
    if earlier is not None:
        must_be_same(said["order_no"], content, earlier)
        return None
    known.contents[said["order_no"]] = content
    address = "" if customer.erased else fields["address"]
    kept = {"customer_no": customer.lives_at, "customer_name": customer.name, "address": address, "content": content}
    return Placement(fields | kept, lines)


def keep(tx: Transaction, placements: Sequence[Placement]) -> None:
    """Keep new orders at the price of one insert, and see whom they bring back."""
    newest = _newest_purchases(placements)
    losses = unsettled_losses(tx, newest)  # locked before the orders lock their customers: no deadlock
    buyers = _buyers_who_may_move(tx, newest)
    said = [(one.placed(), one.fields["ordered_at"]) for one in placements]
    tx.add_rows(Order, [one.row for one in placements], said)
    lines = [asdict(line) | {"order_no": one.fields["order_no"]} for one in placements for line in one.lines]
    if lines:
        tx.execute(sa.insert(OrderLine), lines)
    _must_still_be_there(tx, {one.fields["customer_no"] for one in placements})
    _move_buyers(tx, buyers)
    recover_customers(tx, losses, newest)


def _buyers_who_may_move(tx: Transaction, customer_nos: Iterable[str]) -> list[Customer]:
    """The buyers whose stage another order may change, locked; one select, or none when nobody buys."""
    named = sorted(customer_nos)
    may_move = (among(Customer.customer_no, named), Customer.stage.in_(MOVED_BY_ORDERS))
    return tx.load(Customer, sa.select(Customer).where(*may_move).order_by(Customer.customer_no)) if named else []


def _must_still_be_there(tx: Transaction, customer_nos: Iterable[str]) -> None:
    """The orders hold their customers now; one that was deleted or merged while they were judged is seen only here."""
    gone = queries.find_gone(tx, sorted(customer_nos))
    if gone is not None:
        raise CustomerGone(customer_no=gone, detail=f"{gone} was deleted or merged at this moment; say it again")


def _move_buyers(tx: Transaction, buyers: Sequence[Customer]) -> None:
    """Each to the stage that the number of its orders makes; one select for all of them."""
    if buyers:
        counted = queries.orders_counted(tx, [one.customer_no for one in buyers])
        moves = [one.move_to(stage_of_buyer(counted.get(one.customer_no, 0)), at=tx.now) for one in buyers]
        tx.publish_all([(move, tx.now) for move in moves])


def _newest_purchases(placements: Iterable[Placement]) -> dict[str, Purchase]:
    newest: dict[str, Purchase] = {}
    for order in (one.fields for one in placements if one.fields["kind"] == ORDER):
        earlier = newest.get(order["customer_no"])
        if earlier is None or order["ordered_at"] > earlier.ordered_at:
            newest[order["customer_no"]] = Purchase(order["order_no"], order["ordered_at"])
    return newest


def _customer_of(said: Mapping[str, Any], known: Known) -> Row:
    number, reference = said.get("customer_no"), said.get("customer_reference")
    if number is None and reference is None:
        raise wrong_field("/customer_no", "Say the customer by customer_no or customer_reference")
    if number is not None:
        return _found(known.customers.get(number), "/customer_no", number)
    return _found(known.referenced.get(reference or ""), "/customer_reference", reference)


def _found(customer: Row | None, pointer: str, asked: str | None) -> Row:
    if customer is None:
        raise wrong_field(pointer, f"There is no customer {asked}")
    return customer


def _line(number: int, said: Mapping[str, Any], known: Known) -> Sold:
    product = known.products.get(said["product_code"])
    if product is None:
        raise wrong_field(f"/lines/{number}/product_code", f"There is no product {said['product_code']}")
    listed = {"unit": product.unit, "unit_price_minor": product.price_minor}
    return Sold(**{**listed, **said}, product_id=product.id)
