"""Every projection there is: a new report is one more name in this list, and a rebuild."""

from __future__ import annotations

from reporting.contribution.model import ORDERS
from reporting.facts.customer import CUSTOMERS
from reporting.facts.person import PEOPLE
from reporting.facts.unit import UNITS
from reporting.loss.model import LOSSES
from reporting.request_load.model import REQUESTS
from reporting.sales.model import OPPORTUNITIES
from reporting.shelf import Shelf

SHELF = Shelf([CUSTOMERS, PEOPLE, UNITS, ORDERS, REQUESTS, LOSSES, OPPORTUNITIES])
