"""The bin over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from customer.bin import commands, queries
from customer.bin.model import NotDeleted, StillNeeded
from customer.contact.resources import ONE as ONE_CONTACT
from customer.contact.resources import ContactView
from customer.customer.model import CustomerGone, NameTaken
from customer.customer.resources import ALL, ONE, CustomerView
from customer.merge.model import MergedAway


class DeletedCustomer(View):
    """A customer in the bin."""

    customer_no = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    level = ma.fields.Integer(required=True)
    manager_id = ma.fields.Integer(required=True)
    manager_name = ma.fields.String(required=True)
    deleted_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    merged_into = ma.fields.String(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class RemovedContact(View):
    """A contact in the bin."""

    id = ma.fields.Integer(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    position = ma.fields.String(required=True)
    removed_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


BIN = ALL + "/bin"

routes = [
    Route(method="GET", path=BIN, lists=queries.DELETED_CUSTOMERS, gives=DeletedCustomer, needs="bin:read"),
    Route(method="GET", path="/contacts/bin", lists=queries.REMOVED_CONTACTS, gives=RemovedContact, needs="bin:read"),
    Route(method="POST", path=ONE + "/restoration", calls=commands.restore, gives=CustomerView, needs="bin:restore",
          refuses=(NotDeleted, MergedAway, NameTaken)),
    Route(method="POST", path=ONE_CONTACT + "/restoration", calls=commands.restore_person, gives=ContactView,
          needs="bin:restore", refuses=(NotDeleted, CustomerGone)),
    Route(method="DELETE", path=BIN + "/<customer_no>", calls=commands.purge, needs="bin:purge", status=204,
          needs_version=True, refuses=(NotDeleted, StillNeeded),
          most_statements=18),  # whether it is needed; everything that hangs on it, a kind at a time
]  # fmt: skip
