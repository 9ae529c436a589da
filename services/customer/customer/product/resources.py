"""Products over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Money, Required, Text, View
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.routes import Route
from customer.product import bulk, commands, queries
from customer.product.model import Product
from customer.titles import TITLES


class ProductImport(Body):
    """A line of the sales system's product list."""

    code = Required(100)
    name = Required(200)
    model = Text(100)
    batch = Text(100)
    unit = Text(10)
    price = Money(attribute="price_minor")
    currency = Text(3, shortest=3)
    memo = Text(200)


class ProductEdit(Body):
    """Any part of it but the code, to correct it."""

    name = Text(200, shortest=1)
    model = Text(100)
    batch = Text(100)
    unit = Text(10)
    price = Money(attribute="price_minor")
    memo = Text(200)


class ProductView(View):
    """A product."""

    id = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    model = ma.fields.String(required=True)
    batch = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    price = Money(attribute="price_minor", required=True)
    currency = ma.fields.String(required=True)
    memo = ma.fields.String(required=True)
    is_active = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


ALL = "/products"
ONE = ALL + "/<int:product_id>"

PRODUCT_IMPORT = Import(
    noun="products",
    kind=Product,
    row=ProductImport,
    command=bulk.import_products,
    titles=TITLES,
    needs="product:import",
    withdraw=bulk.withdraw_product,
)

routes = [
    Route(method="GET", path=ALL, lists=queries.PRODUCTS, gives=ProductView, needs="product:read"),
    Route(method="GET", path=ONE, calls=queries.get_product, gives=ProductView, needs="product:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.product_history, gives=History, needs="product:read"),
    Route(method="POST", path=ALL + "/bulk", calls=bulk.import_products, takes=bulk_of(ProductImport),
          gives=BulkAnswer, needs="product:import", refuses=(RowsRefused,)),
    Route(method="POST", path=ALL, calls=commands.list_product, takes=ProductImport, gives=ProductView,
          needs="product:write", status=201),
    Route(method="PATCH", path=ONE, calls=commands.edit_product, takes=ProductEdit, gives=ProductView,
          needs="product:write", needs_version=True),
    Route(method="POST", path=ONE + "/retirement", calls=commands.retire_product, gives=ProductView,
          needs="product:write"),
    Route(method="POST", path=ONE + "/resumption", calls=commands.resume_product, gives=ProductView,
          needs="product:write"),
    *routes_of(PRODUCT_IMPORT),
]  # fmt: skip
