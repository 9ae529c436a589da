"""Every projection there is: a new report is one more name in this list, and a rebuild."""

from __future__ import annotations

from typing import Any

from reporting.contribution.model import ORDERS
from reporting.facts.campaign import CAMPAIGN_COSTS, CAMPAIGN_RESPONSES, CAMPAIGNS
from reporting.facts.complaint import COMPLAINTS
from reporting.facts.customer import CUSTOMERS
from reporting.facts.deal import DEAL_STEPS, DEALS
from reporting.facts.lead import LEADS, LEADS_OF_CAMPAIGNS
from reporting.facts.person import PEOPLE
from reporting.facts.pipeline import PIPELINES
from reporting.facts.target import FORECASTS, TARGETS
from reporting.facts.unit import UNITS
from reporting.facts.visit import VISITS
from reporting.loss.model import LOSSES
from reporting.projection import Projection
from reporting.request_load.model import REQUESTS
from reporting.sales.model import OPPORTUNITIES
from reporting.shelf import Shelf

PEOPLE_AND_CUSTOMERS: list[Projection[Any]] = [CUSTOMERS, PEOPLE, UNITS, ORDERS, LOSSES]
SELLING: list[Projection[Any]] = [OPPORTUNITIES, LEADS, DEALS, DEAL_STEPS, PIPELINES, TARGETS, FORECASTS]
CAMPAIGNING: list[Projection[Any]] = [CAMPAIGNS, CAMPAIGN_COSTS, CAMPAIGN_RESPONSES, LEADS_OF_CAMPAIGNS]
SERVING: list[Projection[Any]] = [REQUESTS, COMPLAINTS, VISITS]
SHELF = Shelf([*PEOPLE_AND_CUSTOMERS, *SELLING, *CAMPAIGNING, *SERVING])
