"""Stock over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.routes import Route
from customer.stock import bulk, commands, queries
from customer.stock.model import MOST_PIECES, Stock
from customer.titles import TITLES


class StockImport(Body):
    """A count in the sales system's stock list."""

    product_code = Required(100)
    warehouse = Required(50)
    place = Required(50)
    quantity = Number(0, MOST_PIECES, required=True)
    memo = Text(200)


class Adjustment(Body):
    """How many there are, and why that differs."""

    quantity = Number(0, MOST_PIECES, required=True)
    reason = Required(200)


class StockView(View):
    """So many pieces of a product at a place."""

    id = ma.fields.Integer(required=True)
    product_id = ma.fields.Integer(required=True)
    product_code = ma.fields.String(required=True)
    product_name = ma.fields.String(required=True)
    warehouse = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    memo = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


ALL = "/stock"
ONE = ALL + "/<int:stock_id>"

STOCK_IMPORT = Import(
    noun="stock",
    kind=Stock,
    row=StockImport,
    command=bulk.import_stock,
    titles=TITLES,
    needs="stock:import",
    withdraw=bulk.withdraw_stock,
    restore=bulk.restore_stock,
)

routes = [
    Route(method="GET", path=ALL, lists=queries.STOCK, gives=StockView, needs="stock:read"),
    Route(method="GET", path=ONE, calls=queries.get_stock, gives=StockView, needs="stock:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.stock_history, gives=History, needs="stock:read"),
    Route(method="POST", path=ALL + "/bulk", calls=bulk.import_stock, takes=bulk_of(StockImport),
          gives=BulkAnswer, needs="stock:import", refuses=(RowsRefused,)),
    Route(method="POST", path=ONE + "/adjustment", calls=commands.adjust_stock, takes=Adjustment, gives=StockView,
          needs="stock:write"),
    *routes_of(STOCK_IMPORT),
]  # fmt: skip
