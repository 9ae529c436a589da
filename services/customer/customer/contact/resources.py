"""Contacts over HTTP: those of one customer, and all in the data scope."""

from __future__ import annotations

import marshmallow as ma

from chassis.attachments import Attachments
from chassis.fields import Body, Required, Text, View, erased_field
from chassis.history import History
from chassis.personal import PersonErased
from chassis.routes import Route
from customer.contact import commands, queries
from customer.contact.model import Contact
from customer.customer.model import CustomerGone


class OptionalFields(Body):
    """What may be known of somebody."""

    sex = Text(5)
    position = Text(50)
    mobile = Text(50)
    memo = Text(300)


class ContactFields(OptionalFields):
    """What is said of somebody new."""

    name = Required(50)
    phone = Required(50)


class ContactEdit(OptionalFields):
    """Any part of it, to correct it."""

    name = Text(50, shortest=1)
    phone = Text(50, shortest=1)


class ContactView(View):
    """Somebody at a customer."""

    id = ma.fields.Integer(required=True)
    customer_no = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    sex = ma.fields.String(required=True)
    position = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    mobile = ma.fields.String(required=True)
    memo = ma.fields.String(required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class ContactRow(ContactView):
    """Somebody at a customer, in a list."""

    customer_name = ma.fields.String(required=True)


ALL = "/customers/<customer_no>/contacts"
ONE = ALL + "/<int:contact_id>"

CONTACT_FILES = Attachments(
    service="customer",
    kind=Contact,
    path=ONE,
    finds=queries.get_contact,
    reads="contact:read",
    writes="contact:write",
)

routes = [
    Route(method="GET", path="/contacts", lists=queries.CONTACTS, gives=ContactRow, needs="contact:read"),
    Route(method="GET", path=ALL, lists=queries.CONTACTS, within={"customer_no": Contact.customer_no},
          gives=ContactRow, needs="contact:read"),
    Route(method="GET", path=ONE, calls=queries.get_contact, gives=ContactView, needs="contact:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.contact_history, gives=History, needs="contact:read"),
    Route(method="POST", path=ALL, calls=commands.add_contact, takes=ContactFields, gives=ContactView,
          needs="contact:write", status=201, refuses=(CustomerGone, PersonErased)),
    Route(method="PATCH", path=ONE, calls=commands.edit_contact, takes=ContactEdit, gives=ContactView,
          needs="contact:write", needs_version=True, refuses=(CustomerGone, PersonErased)),
    Route(method="DELETE", path=ONE, calls=commands.remove_contact, needs="contact:write", status=204,
          needs_version=True, refuses=(CustomerGone, PersonErased)),
    *CONTACT_FILES.routes,
]  # fmt: skip
