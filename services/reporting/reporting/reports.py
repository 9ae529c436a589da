"""Every report there is: a new one is one more name in these lists."""

from __future__ import annotations

from reporting.campaign_effect.resources import REPORT as CAMPAIGN_EFFECT
from reporting.composition.resources import REPORT as COMPOSITION
from reporting.contribution.resources import REPORT as CONTRIBUTION
from reporting.forecast.resources import REPORT as FORECAST
from reporting.funnel.resources import REPORT as FUNNEL
from reporting.growth.resources import REPORT as GROWTH
from reporting.lead_statistics.resources import REPORT as LEADS
from reporting.loss.resources import REPORT as LOSS
from reporting.opportunity_statistics.resources import REPORT as OPPORTUNITIES
from reporting.performance.resources import REPORT as PERFORMANCE
from reporting.request_load.resources import REPORT as SERVICE
from reporting.revenue.resources import REPORT as REVENUE
from reporting.sales.resources import REPORT as SALES
from reporting.service_performance.resources import REPORT as SERVICE_PERFORMANCE
from reporting.warnings import resources as warnings

CUSTOMERS = [CONTRIBUTION, COMPOSITION, SERVICE, LOSS, GROWTH]
SELLING = [FUNNEL, PERFORMANCE, REVENUE, FORECAST, LEADS, OPPORTUNITIES, CAMPAIGN_EFFECT]
WARNINGS = [warnings.SERVICE, warnings.CUSTOMERS, warnings.SALES]
REPORTS = [*CUSTOMERS, *SELLING, *WARNINGS, SERVICE_PERFORMANCE, SALES]
