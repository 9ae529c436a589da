"""What we know of each lead, and of the campaigns that it came of."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import singledispatch
from typing import Annotated, Any

from chassis.events import Heard, PersonalText
from chassis.personal import free_text
from reporting.months import month_of
from reporting.projection import OfEachPart, Projection

FALSE, LOST, CONVERTED = 4, 5, 9
"""Marketing's codes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prospect:
    """What every event about a lead tells."""

    lead_id: int
    source: PersonalText
    status_code: int
    owner_id: int


class LeadCreated(Prospect, Heard, type="marketing.lead.created"):
    """Somebody may become a customer."""

    created_at: datetime


class LeadEdited(Prospect, Heard, type="marketing.lead.edited"):
    """What was known of a lead was corrected."""


class LeadContacted(Prospect, Heard, type="marketing.lead.contacted"):
    """Somebody tried to reach a lead, or did."""


class LeadRejected(Prospect, Heard, type="marketing.lead.closed"):
    """Nothing comes of a lead."""


class LeadReopened(Prospect, Heard, type="marketing.lead.reopened"):
    """Something may come of a lead after all."""


class LeadTransferred(Prospect, Heard, type="marketing.lead.transferred"):
    """Somebody else goes on with a lead."""


class LeadConverted(Prospect, Heard, type="marketing.lead.converted"):
    """A lead is a customer now."""


class LeadRelinked(Prospect, Heard, type="marketing.lead.relinked"):
    """The customer that a lead became is part of another one."""


class LeadConversionFailed(Prospect, Heard, type="marketing.lead.conversion-failed"):
    """A lead could not become a customer."""


class LeadDeleted(Heard, type="marketing.lead.deleted"):
    """A lead was thrown away."""

    lead_id: int


class LeadCampaignLinked(Heard, type="marketing.lead.campaign-linked"):
    """A lead came of a campaign."""

    lead_id: int
    campaign_id: int


class LeadCampaignUnlinked(Heard, type="marketing.lead.campaign-unlinked"):
    """A lead did not come of a campaign after all."""

    lead_id: int
    campaign_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class LeadFact:
    """One lead, counted in the month in which it was created."""

    lead_id: int
    owner_id: int = 0
    source: Annotated[str, free_text(lead="lead_id")] = ""
    status_code: int = 0
    created_month: str = ""
    is_deleted: bool = False
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class LeadOfCampaign:
    """One lead and one campaign that it came of."""

    link_id: str
    lead_id: int = 0
    campaign_id: int = 0
    is_linked: bool = False
    version: int = 0


@singledispatch
def fold(event: Any, row: LeadFact, at: datetime) -> LeadFact:
    return _described(event, row)


@fold.register
def _(event: LeadCreated, row: LeadFact, at: datetime) -> LeadFact:
    return dataclasses.replace(_described(event, row), created_month=month_of(event.created_at))


@fold.register
def _(event: LeadDeleted, row: LeadFact, at: datetime) -> LeadFact:
    return dataclasses.replace(row, is_deleted=True)


def _described(event: Prospect, row: LeadFact) -> LeadFact:
    return dataclasses.replace(row, owner_id=event.owner_id, source=event.source, status_code=event.status_code)


def link(event: LeadCampaignLinked | LeadCampaignUnlinked, row: LeadOfCampaign, at: datetime) -> LeadOfCampaign:
    is_linked = isinstance(event, LeadCampaignLinked)
    return dataclasses.replace(row, lead_id=event.lead_id, campaign_id=event.campaign_id, is_linked=is_linked)


LEADS = Projection(
    "lead_fact",
    ["owner_id"],
    row=LeadFact,
    heard=[
        LeadCreated,
        LeadEdited,
        LeadContacted,
        LeadRejected,
        LeadReopened,
        LeadTransferred,
        LeadConverted,
        LeadRelinked,
        LeadConversionFailed,
        LeadDeleted,
    ],
    fold=fold,
)
LEADS_OF_CAMPAIGNS = OfEachPart(
    "lead_of_campaign",
    ["campaign_id"],
    row=LeadOfCampaign,
    heard=[LeadCampaignLinked, LeadCampaignUnlinked],
    fold=link,
)
lead_fact = LEADS.table
lead_of_campaign = LEADS_OF_CAMPAIGNS.table
