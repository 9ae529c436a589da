"""Transfers over HTTP: first look, then do."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Number, Required, View
from chassis.people import NotActive
from chassis.routes import Route
from customer.customer.model import CustomerGone
from customer.customer.resources import ALL, ONE, CustomerView
from customer.transfer import commands
from customer.transfer.queries import MOST_CUSTOMERS

WORK = {"description": "Whether other services give the new manager what is under way with the customer, too"}


class Meant(Body):
    """Which customers: those that are named, or all that somebody looks after."""

    customer_nos = ma.fields.List(Required(17), validate=validate.Length(min=1, max=MOST_CUSTOMERS))
    from_manager_id = Number()


class OneTransfer(Body):
    """To whom a customer goes, and why."""

    to_manager_id = Number(1, required=True)
    reason = Required(500)
    with_open_work = ma.fields.Boolean(truthy={True}, falsy={False}, metadata=WORK)


class TransferFields(OneTransfer):
    """Which customers go to whom, and why; a thousand at once."""

    customer_nos = ma.fields.List(Required(17), validate=validate.Length(min=1, max=MOST_CUSTOMERS))
    from_manager_id = Number()


class HolderView(View):
    """Who looks after how many of them now."""

    manager_id = ma.fields.Integer(required=True)
    manager_name = ma.fields.String(required=True)
    customers = ma.fields.Integer(required=True)


class TransferPreview(View):
    """What a transfer would move."""

    customers = ma.fields.Integer(required=True)
    held_by = ma.fields.List(ma.fields.Nested(HolderView), required=True)
    contacts = ma.fields.Integer(required=True)
    activities = ma.fields.Integer(required=True)
    open_losses = ma.fields.Integer(required=True)


class MovedView(View):
    """What was moved; ``left`` is how many the old manager still has, when all of somebody's were meant."""

    moved = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)
    losses = ma.fields.Integer(required=True)
    left = ma.fields.Integer(required=True)


routes = [
    Route(method="POST", path=ALL + "/transfer/preview", calls=commands.preview_transfer, takes=Meant,
          gives=TransferPreview, needs="customer:transfer"),
    Route(method="POST", path=ALL + "/transfer", calls=commands.transfer_customers, takes=TransferFields,
          gives=MovedView, needs="customer:transfer", refuses=(NotActive, CustomerGone),
          most_statements=12),  # whose they are; a kind of open work at a time, for all customers at once
    Route(method="POST", path=ONE + "/transfer", calls=commands.transfer_customer, takes=OneTransfer,
          gives=CustomerView, needs="customer:transfer", refuses=(NotActive, CustomerGone),
          most_statements=12),  # the same; what may be done next
]  # fmt: skip
