"""Customers over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.attachments import Attachments
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Choice, Money, Number, Required, Text, View, When, erased_field
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.numbering import NumbersExhausted
from chassis.people import NotActive
from chassis.personal import PersonErased
from chassis.routes import Route
from customer.customer import bulk, commands, queries
from customer.customer.model import Customer, CustomerGone, Level, NameTaken
from customer.duplicate.model import PossibleDuplicate
from customer.titles import TITLES

STARS = range(1, 6)


class OptionalFields(Body):
    """What may be known of a customer."""

    manager_id = Number(1)
    satisfaction = Choice(STARS, allow_none=True)
    credit = Choice(STARS, allow_none=True)
    address = Text(300)
    postal_code = Text(10)
    phone = Text(50)
    fax = Text(50)
    website = Text(200)
    licence_no = Text(50)
    legal_person = Text(50)
    registered_capital = Money(attribute="registered_capital_minor", allow_none=True)
    yearly_turnover = Money(attribute="yearly_turnover_minor", allow_none=True)
    currency = Text(3, shortest=3)
    bank = Text(200)
    bank_account = Text(50)
    local_tax_no = Text(50)
    national_tax_no = Text(50)


class CustomerFields(OptionalFields):
    """What a person says of a new customer."""

    name = Required(100)
    region = Required(50)
    level = Choice(Level, required=True)


class NewCustomer(CustomerFields):
    """The same, with the word that a likely duplicate is none."""

    although_known = ma.fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "Open it although there is one like it"}
    )


class CustomerEdit(OptionalFields):
    """Any part of it, to correct it."""

    name = Text(100, shortest=1)
    region = Text(50, shortest=1)
    level = Choice(Level)


class CustomerImport(CustomerFields):
    """A customer in a table: known again by its reference or, without one, by its name."""

    reference = Text(60, shortest=1)
    manager_login = Text(50, shortest=1)
    opened_at = When()


class CustomerRow(View):
    """A customer in a list."""

    customer_no = ma.fields.String(required=True)
    reference = ma.fields.String(allow_none=True, required=True)
    name = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    manager_id = ma.fields.Integer(required=True)
    manager_name = ma.fields.String(required=True)
    level = ma.fields.Integer(required=True)
    satisfaction = ma.fields.Integer(allow_none=True, required=True)
    credit = ma.fields.Integer(allow_none=True, required=True)
    phone = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    erased = erased_field()
    opened_at = ma.fields.AwareDateTime(required=True)
    stage = ma.fields.Integer(required=True, metadata={"description": "1 potential to 7 recovered; see the glossary"})
    tags = ma.fields.List(ma.fields.String(), required=True)
    version = ma.fields.Integer(required=True)


class CustomerView(CustomerRow):
    """A customer in full."""

    stage_since = ma.fields.AwareDateTime(allow_none=True, required=True)
    merged_into = ma.fields.String(
        allow_none=True, required=True, metadata={"description": "The customer that this deleted one became part of"}
    )
    address = ma.fields.String(required=True)
    postal_code = ma.fields.String(required=True)
    fax = ma.fields.String(required=True)
    website = ma.fields.String(required=True)
    licence_no = ma.fields.String(required=True)
    legal_person = ma.fields.String(required=True)
    registered_capital = Money(attribute="registered_capital_minor", allow_none=True, required=True)
    yearly_turnover = Money(attribute="yearly_turnover_minor", allow_none=True, required=True)
    currency = ma.fields.String(required=True)
    bank = ma.fields.String(required=True)
    bank_account = ma.fields.String(required=True)
    local_tax_no = ma.fields.String(required=True)
    national_tax_no = ma.fields.String(required=True)


class ManagerView(View):
    """Somebody who may look after customers."""

    user_id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)


ALL = "/customers"
ONE = ALL + "/<customer_no>"

CUSTOMER_IMPORT = Import(
    noun="customers",
    kind=Customer,
    row=CustomerImport,
    command=bulk.import_customers,
    titles=TITLES,
    needs="customer:import",
    withdraw=bulk.withdraw_customer,
    restore=bulk.give_back,
)

CUSTOMER_FILES = Attachments(
    service="customer",
    kind=Customer,
    path=ONE,
    finds=queries.get_customer,
    reads="customer:read",
    writes="customer:write",
    allows=Customer.must_be_there,
)

routes = [
    Route(method="GET", path=ALL, lists=queries.CUSTOMERS, gives=CustomerRow, needs="customer:read"),
    Route(method="GET", path=ALL + "/managers", lists=queries.MANAGERS, gives=ManagerView, needs="customer:read"),
    Route(method="GET", path=ONE, calls=queries.get_customer, gives=CustomerView, needs="customer:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.customer_history, gives=History, needs="customer:read"),
    Route(method="POST", path=ALL, calls=commands.open_customer, takes=NewCustomer, gives=CustomerView,
          needs="customer:write", status=201, refuses=(NameTaken, NotActive, NumbersExhausted, PossibleDuplicate),
          most_statements=10),  # who it may be already, by name and otherwise; its number; the words it is found by
    Route(method="PATCH", path=ONE, calls=commands.edit_customer, takes=CustomerEdit, gives=CustomerView,
          needs="customer:write", needs_version=True, refuses=(NameTaken, NotActive, CustomerGone, PersonErased),
          most_statements=9),  # another name: whose it is already; the words it is found by, old and new
    Route(method="DELETE", path=ONE, calls=commands.delete_customer, needs="customer:write", status=204,
          needs_version=True, refuses=(CustomerGone,)),
    Route(method="POST", path=ALL + "/bulk", calls=bulk.import_customers, takes=bulk_of(CustomerImport),
          gives=BulkAnswer, needs="customer:import", refuses=(RowsRefused,)),
    *routes_of(CUSTOMER_IMPORT),
    *CUSTOMER_FILES.routes,
]  # fmt: skip
