"""Campaign effect over HTTP."""

from __future__ import annotations

from reporting.campaign_effect.queries import GROUPING
from reporting.grouped import grouped_report

REPORT = grouped_report(
    "/reports/campaign-effect",
    name="CampaignEffect",
    needs="report:campaign",
    grouping=GROUPING,
    summary="What campaigns cost and brought: responses, leads, deals, return",
)
